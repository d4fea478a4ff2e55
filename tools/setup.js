// Sets up a fresh clone, saying what it does: npm's packages (which bring Node 24 along) and, for the tests, the
// system packages. Plain JavaScript without dependencies, because it runs on whatever Node the machine has (20 or later).

import { spawnSync } from "node:child_process";
import { existsSync, lstatSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

const folder = path.join(root, "node_modules");
/** The lockfile that was installed from: times of files say nothing after a checkout or a copy. */
const installed = path.join(folder, ".installed-from.json");
const lockfile = path.join(root, "package-lock.json");

/** Errors alone: that an older Node is running npm is why Node 24 is among the packages, and needs no warning. */
const CI = ["ci", "--loglevel=error"];

/** Runs `npm ci` unless node_modules was installed from this very lockfile. Ends the process when that fails. */
export function ensurePackages() {
  const wanted = readFileSync(lockfile, "utf8");
  if (existsSync(installed) && readFileSync(installed, "utf8") === wanted) return;
  // npm would empty what the link leads to, which is somebody else's.
  if (lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink())
    fail("node_modules is a link; remove it and try again");
  say("setting up: npm ci (about 200 MB, most of it Node 24 for these scripts)");
  // npm tells its own path to the scripts it runs; without npm the command is looked up in PATH.
  const npm = process.env.npm_execpath;
  const [command, args] = npm ? [process.execPath, [npm, ...CI]] : ["npm", CI];
  const result = spawnSync(command, args, { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
  if (result.status !== 0) fail(`npm ci failed${result.error ? `: ${result.error.message}` : ""}`);
  writeFileSync(installed, wanted);
}

/** The Node that npm's packages brought: the absolute path, or the running one where that is new enough. */
export function modernNode() {
  const brought = path.join(root, "node_modules/.bin/node");
  if (existsSync(brought)) return brought;
  if (Number(process.versions.node.split(".")[0]) >= 24) return process.execPath;
  return fail("no Node 24 for this processor in npm's packages; install Node 24 or later and try again");
}

/** The system packages of tools/system-packages.txt whose program is not in PATH: `{ program, name, reason }` each. */
export function missingSystemPackages() {
  const lines = readFileSync(path.join(root, "tools/system-packages.txt"), "utf8").split("\n");
  return lines
    .map((line) => line.replace(/#.*/, "").trim().split(/\s+/))
    .filter((fields) => fields.length >= 3)
    .map(([program, name, ...reason]) => ({ program, name, reason: reason.join(" ") }))
    .filter(({ program }) => !inPath(program));
}

/** As root on Debian, installs what is missing; otherwise says what the tests will leave out. */
export function ensureSystemPackages() {
  const missing = missingSystemPackages();
  if (missing.length === 0) return;
  if (process.getuid?.() === 0 && existsSync("/etc/debian_version") && inPath("apt-get")) {
    const names = [...new Set(missing.map(({ name }) => name))];
    say(`setting up: apt-get install ${names.join(" ")}`);
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    const options = { stdio: ["ignore", "ignore", "inherit"], env };
    spawnSync("apt-get", ["update"], options);
    spawnSync("apt-get", ["install", "-y", "--no-install-recommends", ...names], options);
  }
  for (const { program, name, reason } of missingSystemPackages()) {
    say(`left out: ${reason} (no ${program}; Debian's package is ${name})`);
  }
}

/** Runs a program in the project's root with our Node first in PATH. Returns its exit code. */
export function run(command, args, env = {}) {
  const bin = path.join(root, "node_modules/.bin");
  const result = spawnSync(command, args, {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, PATH: `${bin}:${process.env.PATH}`, ...env },
  });
  if (result.error) fail(`${command}: ${result.error.message}`);
  return result.status ?? 1;
}

export function say(text) {
  process.stderr.write(`sockwarden: ${text}\n`);
}

export function fail(text) {
  say(text);
  process.exit(1);
}

function inPath(program) {
  const folders = [...(process.env.PATH ?? "").split(":"), "/usr/sbin", "/sbin"];
  return folders.some((folder) => existsSync(path.join(folder, program)));
}
