import assert from "node:assert/strict";
import { test } from "node:test";
import { lastLine, linesAfterOurs, linesInBootOrder, type SysctlFile } from "./sysctl-files.ts";

const file = (path: string, text: string, shownPath = path): SysctlFile => ({ path, shownPath, text });

test("files are read by their name, whatever folder they lie in, and /etc hides a file of the same name", () => {
  const lines = linesInBootOrder([
    file("/etc/sysctl.conf", "a.b = conf"),
    file("/usr/lib/sysctl.d/50-vendor.conf", "a.b = hidden"),
    file("/etc/sysctl.d/99-last.conf", "a.b = last"),
    file("/run/sysctl.d/60-run.conf", "a.b = run"),
    file("/etc/sysctl.d/50-vendor.conf", "a.b = vendor"),
  ]);
  assert.deepEqual(
    lines.map(({ value }) => value),
    ["vendor", "run", "last", "conf"],
  );
  assert.equal(lastLine(lines, "a.b")?.value, "conf");
  assert.deepEqual(
    linesAfterOurs(lines, "a.b").map(({ value }) => value),
    ["last", "conf"],
  );
});

test("a link to /etc/sysctl.conf gives that file its place, and it is not read twice", () => {
  const lines = linesInBootOrder([
    file("/etc/sysctl.conf", "a.b = 1"),
    file("/etc/sysctl.d/99-sysctl.conf", "a.b = 1", "/etc/sysctl.conf"),
  ]);
  assert.deepEqual(
    lines.map(({ file, line }) => `${file}:${line}`),
    ["/etc/sysctl.conf:1"],
  );
  assert.equal(linesAfterOurs(lines, "a.b").length, 1);
});
