import assert from "node:assert/strict";
import { test } from "node:test";
import {
  lastLine,
  linesAfterOurs,
  linesInBootOrder,
  parseSysctlFile,
  type SysctlFile,
  sysctlPath,
} from "./sysctl-files.ts";

const file = (path: string, text: string, shownPath = path): SysctlFile => ({ path, shownPath, text });

test("parseSysctlFile() reads every way of writing an assignment, and leaves out what is none", () => {
  const text = [
    "# net.ipv4.a = 1",
    "; net.ipv4.b = 2",
    "net.ipv4.tcp_retries2=8",
    "  -net.ipv4.tcp_mem =  1\t2  3 ",
    "net/ipv4/conf/eth0.1/rp_filter = 2",
    "net.ipv4.conf.*.rp_filter = 2",
    "-net.ipv4.conf.eth1.rp_filter",
    "nonsense",
    "",
  ].join("\n");
  assert.deepEqual(
    parseSysctlFile(file("/etc/sysctl.d/a.conf", text)).map(({ name, value, line }) => [name, value, line]),
    [
      ["net.ipv4.tcp_retries2", "8", 3],
      ["net.ipv4.tcp_mem", "1 2 3", 4],
      ["net.ipv4.conf.eth0/1.rp_filter", "2", 5],
      ["net.ipv4.conf.*.rp_filter", "2", 6],
    ],
  );
  assert.equal(sysctlPath("net.ipv4.conf.eth0/1.rp_filter"), "net/ipv4/conf/eth0.1/rp_filter");
});

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
