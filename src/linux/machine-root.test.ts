import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { HOST_MACHINE, machineBelow, shownPath, shownPathBehindLinks } from "./machine-root.ts";

const folder = mkdtempSync(path.join(tmpdir(), "sockwarden-root-"));
after(() => rmSync(folder, { recursive: true }));
const root = machineBelow(folder);

test("a file is shown by the path that its own machine knows, made-up or real", () => {
  assert.equal(shownPath(root, `${folder}/etc/sysctl.conf`), "/etc/sysctl.conf");
  assert.equal(shownPath(HOST_MACHINE, "/usr/lib/sysctl.d/a.conf"), "/usr/lib/sysctl.d/a.conf");
  assert.equal(shownPath(root, "/elsewhere"), "/elsewhere");
});

test("links of files and of whole folders, such as /lib, are followed within the machine", () => {
  for (const name of ["etc/sysctl.d", "usr/lib/sysctl.d"])
    mkdirSync(path.join(folder, name), { recursive: true });
  writeFileSync(path.join(folder, "etc/sysctl.conf"), "");
  writeFileSync(path.join(folder, "usr/lib/sysctl.d/a.conf"), "");
  symlinkSync("../sysctl.conf", path.join(folder, "etc/sysctl.d/99.conf"));
  symlinkSync("usr/lib", path.join(folder, "lib"));
  symlinkSync(import.meta.filename, path.join(folder, "etc/sysctl.d/out.conf"));
  symlinkSync("nowhere", path.join(folder, "etc/sysctl.d/dangling.conf"));
  const shown = (name: string): string => shownPathBehindLinks(root, path.join(folder, name));
  assert.equal(shown("etc/sysctl.d/99.conf"), "/etc/sysctl.conf");
  assert.equal(shown("lib/sysctl.d/a.conf"), "/usr/lib/sysctl.d/a.conf");
  assert.equal(shown("etc/sysctl.d/out.conf"), "/etc/sysctl.d/out.conf");
  assert.equal(shown("etc/sysctl.d/dangling.conf"), "/etc/sysctl.d/dangling.conf");
});
