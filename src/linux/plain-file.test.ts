import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { readPlainFile } from "./plain-file.ts";

const folder = mkdtempSync(path.join(tmpdir(), "sockwarden-plain-"));
after(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => path.join(folder, name);

writeFileSync(at("file"), "a=1\n");
mkdirSync(at("folder"));
execFileSync("mkfifo", [at("pipe")]);
symlinkSync("file", at("link"));
symlinkSync("circle", at("circle"));
symlinkSync("/dev/zero", at("device"));

for (const [title, name, text] of [
  ["a file", "file", "a=1\n"],
  ["a link to one", "link", "a=1\n"],
  ["a folder", "folder", null],
  ["a pipe that nobody writes to", "pipe", null],
  ["a device", "device", null],
  ["a circle of links", "circle", null],
  ["nothing", "nothing", null],
  ["a name that is too long", "x".repeat(300), null],
  ["what is below a file", "file/x", null],
] as const) {
  test(`readPlainFile() of ${title}`, () => assert.equal(readPlainFile(at(name), 100), text));
}

test("readPlainFile() leaves a larger file alone", () => {
  assert.equal(readPlainFile(at("file"), 3), null);
  assert.equal(readPlainFile(at("file"), 4), "a=1\n");
});
