// npm run check, the one gate for people, hooks and CI: format and lint, types, build, tests.
// With arguments it passes them to the test runner in place of all test files.

import { existsSync } from "node:fs";
import path from "node:path";
import { modernNode, root, run, say } from "./setup.js";

const node = modernNode();
const bin = (name) => path.join(root, "node_modules/.bin", name);
const all = ["src/**/*.test.ts", "lab/**/*.test.ts", "bench/**/*.test.ts", "test/**/*.test.ts"];
const chosen = process.argv.slice(2);

const steps = [
  ["format and lint", bin("biome"), ["ci", "--colors=off", "."]],
  ["types", node, [bin("tsc")]],
  ["build", node, [path.join(root, "tools/build.js")]],
  ["tests", node, ["--test", "--test-reporter=spec", ...(chosen.length > 0 ? chosen : all)]],
];

// Outside a git checkout biome cannot read the ignore file; that is said, not failed.
for (const [name, command, args] of steps) {
  if (name === "format and lint" && !existsSync(path.join(root, ".git"))) {
    say("left out: format and lint (this is no git checkout)");
    continue;
  }
  say(`check: ${name}`);
  const code = run(command, args);
  if (code !== 0) {
    say(`check failed at: ${name}`);
    process.exit(code);
  }
}
