// The output of `doctor` for people, monitoring and programs.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { DOCTOR_CHECKS } from "../../doctor/checks.ts";
import { judgeChecks } from "../../doctor/doctor.ts";
import { type CheckResult, judgeFile, lineResult } from "../../doctor/index.ts";
import { descriptors, factsOf, limits, netstat, sysctls } from "../../doctor/testing/healthy-machine.ts";
import { noPaint } from "../output.ts";
import { assertGolden } from "../testing/golden.ts";
import { doctorDocument, doctorFailsOn } from "./document.ts";
import { doctorReport } from "./nagios.ts";
import { doctorText, fileText } from "./text.ts";

const fixture = (name: string): URL => new URL(`./fixtures/${name}`, import.meta.url);
const explained = (name: string): URL => new URL(`../../doctor/fixtures/${name}`, import.meta.url);

/** The server of the account: Debian's limits, a hoarder, and an old list of settings. */
async function troubled(): Promise<readonly CheckResult[]> {
  const facts = await factsOf({
    files: {
      "proc/812/limits": limits(1024, 524_288),
      "proc/812/fd": descriptors(1019),
      "etc/systemd/system/kamailio.service.d/limits.conf": null,
      "etc/security/limits.conf": "* soft nofile 10240\n* hard nofile 10240\n",
      "etc/sysctl.d/90-tuning.conf": "net.ipv4.tcp_retries2 = 5\nnet.ipv4.tcp_tw_recycle = 0\n",
      ...sysctls({ "net.ipv4.tcp_retries2": "5", "net.ipv4.tcp_keepalive_time": "7200" }),
    },
    later: netstat({ ListenOverflows: 90, ListenDrops: 90 }),
    listener: {
      queue: { used: 174, limit: 1024 },
      connections: 990,
      silent: 684,
      largest: { source: "203.0.113.77", connections: 684, silent: 684 },
    },
    bans: { kind: "unknown", reason: "Operation not permitted" },
  });
  return judgeChecks(DOCTOR_CHECKS, facts, "mobile");
}

test("doctor shows failed checks, the worst first, with the values read and the lines to write", async () => {
  const options = {
    all: false,
    profile: "mobile",
    hidden: ["the firewall's sets (Operation not permitted)"],
    proof: [],
  };
  assertGolden(doctorText(await troubled(), options, noPaint), fixture("doctor.txt"));
});

test("doctor --all lists good checks, too", async () => {
  const healthy = judgeChecks(DOCTOR_CHECKS, await factsOf(), "mobile");
  const text = doctorText(healthy, { all: true, profile: "mobile", hidden: [], proof: [] }, noPaint);
  assertGolden(text, fixture("doctor-all.txt"));
});

test("doctor's JSON is the contract's document, the worst first", async () => {
  const { checks } = doctorDocument(await troubled());
  assertGolden(JSON.stringify({ checks: checks.slice(0, 2) }, null, 2), fixture("doctor.json"));
  for (const check of checks) {
    assert.deepEqual(Object.keys(check), ["id", "severity", "ok", "text", "read", "advice", "source"]);
    assert.equal(typeof check.read, "string");
  }
  const kinds = checks.map(({ ok }) => ok);
  assert.deepEqual(
    kinds,
    [false, null, true].flatMap((kind) => kinds.filter((ok) => ok === kind)),
  );
});

test("doctor --file shows the account's files line by line", () => {
  const texts = ["account-sysctl.conf", "account-limits.conf", "account-system.conf"].map((name) =>
    fileText(name, judgeFile(readFileSync(explained(name), "utf8"), "mobile"), noPaint),
  );
  assertGolden(texts.join("\n\n"), explained("account.txt"));
});

const result = (ok: boolean | null, severity: CheckResult["severity"], id = "x|y"): CheckResult => ({
  ...{ id, severity, ok, text: "", read: [], advice: null, fix: [], source: "" },
});

test("doctor --nagios says the worst in one line, with the plugin's code", () => {
  const critical = [
    result(false, "warning"),
    result(false, "critical", "accept-queue"),
    result(null, "notice"),
  ];
  assert.equal(
    doctorReport(critical).line,
    "DOCTOR CRITICAL - accept-queue, x/y | critical=1 warning=1 notice=0 unknown=1",
  );
  assert.deepEqual(
    [
      critical,
      [result(false, "warning")],
      [result(false, "notice")],
      [result(null, "critical")],
      [result(true, "notice")],
    ].map((results) => doctorReport(results).code),
    [2, 1, 0, 3, 0],
  );
  assert.match(doctorReport([result(true, "critical")]).line, /^DOCTOR OK - 1 checks \|/);
});

test("--fail-on counts what failed and is at least as bad", () => {
  const results = [result(false, "warning"), result(null, "critical"), result(true, "critical")];
  assert.deepEqual(
    (["critical", "warning", "notice"] as const).map((severity) => doctorFailsOn(results, severity)),
    [false, true, true],
  );
});

test("names and lines of files cannot command the terminal", () => {
  const evil: CheckResult = {
    ...result(false, "critical", "\u001b[2Jid"),
    text: "\u009btext",
    read: ["\u001b]0;x\u0007"],
  };
  const text = doctorText(
    [evil],
    { all: true, profile: "mobile", hidden: ["\u001bc"], proof: [evil] },
    noPaint,
  );
  assert.doesNotMatch(text + doctorReport([evil]).line, /[\u001b\u009b\u0007]/);
  const verdicts = judgeFile("\u001b[2J = 1\n", "mobile");
  assert.doesNotMatch(fileText("\u001bf", verdicts, noPaint), /\u001b/);
  assert.equal(lineResult("f", verdicts[0]!).ok, null);
});
