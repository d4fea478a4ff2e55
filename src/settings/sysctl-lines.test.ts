import assert from "node:assert/strict";
import { test } from "node:test";
import { sysctlPath } from "./sysctl-keys.ts";
import { parseSysctlLines } from "./sysctl-lines.ts";

test("parseSysctlLines() reads every way of writing an assignment, and leaves out what is none", () => {
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
    parseSysctlLines(text, "/etc/sysctl.d/a.conf").map(({ key, value, line }) => [key, value, line]),
    [
      ["net.ipv4.tcp_retries2", "8", 3],
      ["net.ipv4.tcp_mem", "1 2 3", 4],
      ["net.ipv4.conf.eth0/1.rp_filter", "2", 5],
      ["net.ipv4.conf.*.rp_filter", "2", 6],
    ],
  );
  assert.equal(sysctlPath("net.ipv4.conf.eth0/1.rp_filter"), "net/ipv4/conf/eth0.1/rp_filter");
});
