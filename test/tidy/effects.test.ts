import assert from "node:assert/strict";
import { test } from "node:test";
import { CLOCK } from "./clocks.ts";
import { RESERVED, reservedCalls } from "./effects.ts";
import { strayPackages } from "./packages.ts";
import { madeUp } from "./testing.ts";

const CALLS: Readonly<Record<string, readonly string[]>> = {
  console: ['console.log("x");'],
  "process.exit": ["process.exit(1);"],
  "Math.random": ["const a = Math.random();"],
  "a shell": ["spawn(a, { shell: true });", 'exec("ls");', "execSync(`ls`);"],
  "the clock": [
    "const a = Date.now();",
    "const a = [1].map(Date.now);",
    "const a = new Date();",
    "const a = performance.now();",
    "const a = performance.timeOrigin;",
    "const a = process.hrtime.bigint();",
  ],
};

for (const { what, call } of [...RESERVED, CLOCK]) {
  test(`${what} is found in code, and not in a comment`, () => {
    for (const line of CALLS[what]!) {
      const sources = madeUp({ "src/judge/step.ts": line, "src/judge/said.ts": `// ${line}` });
      assert.deepEqual(reservedCalls(sources, { call, only: [] }), ["src/judge/step.ts"], line);
    }
  });
}

test("a listed file and a listed folder may call, and must", () => {
  const sources = madeUp({
    "src/cli/run.ts": "Date.now();",
    "lab/wait.ts": "Date.now();",
    "src/cli/text.ts": "",
    "src/cli/run.tsx.ts": "Date.now();",
  });
  const only = ["src/cli/run.ts", "lab/", "src/cli/text.ts", "bench/"];
  assert.deepEqual(reservedCalls(sources, { call: CLOCK.call, only }), [
    "src/cli/run.tsx.ts",
    "src/cli/text.ts is listed and does not",
    "bench/ is listed and does not",
  ]);
});

test("a package outside its place is a fault, and so is one that is not listed, and Node's in a pure room", () => {
  const sources = madeUp({
    "src/config/load.ts": 'import { parse } from "yaml";\nimport path from "node:path";',
    "src/api/app.ts": 'import { bodyLimit } from "hono/body-limit";\nimport { parse } from "yaml";',
    "src/judge/step.ts": 'import path from "node:path";\nimport { z } from "@other/zod/mini";',
    "bench/main.ts": 'import { any } from "any";',
  });
  assert.deepEqual(strayPackages(sources, { yaml: "src/config/", hono: "src/api/" }), [
    "src/api/app.ts imports yaml",
    "src/judge/step.ts imports node:path",
    "src/judge/step.ts imports @other/zod/mini",
  ]);
});
