import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { settingOf } from "../settings/advised.ts";
import { KNOWN_SETTINGS, TUNE_PROFILES } from "../settings/known-settings.ts";
import { judgeFile, lineResult } from "./judge-file.ts";

const fixture = (name: string): string =>
  readFileSync(new URL(`./fixtures/${name}`, import.meta.url), "utf8");

test("the account's sysctl file is recognised line by line, with the verdict of each setting", () => {
  for (const profile of TUNE_PROFILES) {
    const verdicts = judgeFile(fixture("account-sysctl.conf"), profile);
    assert.equal(verdicts.length, 23);
    for (const { setting, verdict, text } of verdicts) {
      assert.equal(verdict, settingOf(setting)!.verdict, `${profile}: ${text}`);
    }
  }
});

test("the account's file has every sysctl that the account set, with its value", () => {
  const verdicts = judgeFile(fixture("account-sysctl.conf"), "mobile");
  const written = new Map(verdicts.map(({ text, setting }) => [setting, text.split("=")[1]!.trim()]));
  for (const { kind, name, accountValue } of KNOWN_SETTINGS) {
    if (kind !== "sysctl" || accountValue === null) continue;
    assert.equal(written.get(name), [accountValue].flat().join(" "), name);
    written.delete(name);
  }
  assert.deepEqual([...written], [], "and no other");
});

test("of a setting that is listed twice, the first line says which one wins", () => {
  const verdicts = judgeFile(fixture("account-sysctl.conf"), "mobile");
  const twice = verdicts.filter(({ why }) => /Line \d+ sets it again and wins/.test(why));
  assert.deepEqual(twice.map(({ setting }) => setting).sort(), [
    "net.core.netdev_max_backlog",
    "net.core.somaxconn",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_orphan_retries",
  ]);
});

test("limits.conf and systemd lines are told from sysctls, and judged as the wrong layer and the wrong breadth", () => {
  const limits = judgeFile(fixture("account-limits.conf"), "mobile");
  assert.deepEqual(
    limits.map(({ verdict, setting }) => [verdict, setting]),
    [
      ["wrong", "limits.conf nofile"],
      ["wrong", "limits.conf nofile"],
    ],
  );
  assert.match(limits[1]!.why, /lowers the hard limit of every login/);
  const system = judgeFile(fixture("account-system.conf"), "mobile");
  assert.deepEqual(
    system.map(({ verdict, setting }) => [verdict, setting]),
    [
      ["adjust", "DefaultLimitNOFILE"],
      ["adjust", "DefaultLimitNPROC"],
    ],
  );
});

test("settings of one file are judged together", () => {
  const [, cap] = judgeFile("net.ipv4.tcp_retries2 = 8\nnet.ipv4.tcp_rto_max_ms = 10000\n", "mobile");
  assert.equal(cap!.verdict, "dangerous");
  const [, enough] = judgeFile("net.ipv4.tcp_retries2=12\nnet.ipv4.tcp_rto_max_ms=30000\n", "mobile");
  assert.equal(enough!.verdict, "keep");
  const [backlog] = judgeFile("net.ipv4.tcp_max_syn_backlog = 16\nnet.ipv4.tcp_syncookies = 0\n", "mobile");
  assert.equal(backlog!.verdict, "wrong");
});

test("a line with the advised value is not advised to be what it is", () => {
  const flows = "net.netfilter.nf_conntrack_tcp_timeout_established = 7440";
  const [alone] = judgeFile(flows, "churn");
  assert.equal(alone!.verdict, "keep");
  const [beside] = judgeFile(`${flows}\nnet.ipv4.tcp_keepalive_time = 7200\n`, "churn");
  assert.equal(beside!.verdict, "dangerous");
  assert.match(beside!.advice, /^set net\.ipv4\.tcp_keepalive_time to \d+, /);
  assert.doesNotMatch(beside!.advice, /set it to/);
});

test("a line of another subject is unknown, and neither right nor wrong", () => {
  const [strange, noise] = judgeFile("vm.swappiness = 10\nhello world\n# net.core.somaxconn = 1\n", "mobile");
  assert.deepEqual([strange!.verdict, strange!.setting], [null, "vm.swappiness"]);
  assert.equal(lineResult("f", noise!).ok, null);
});

test("a value that is no number is wrong, whatever the setting", () => {
  for (const value of ["many", "", "1 2 x", "0x10"]) {
    const [line] = judgeFile(`net.core.somaxconn = ${value}`, "mobile");
    assert.equal(line?.verdict, "wrong", value);
  }
});

test("a line's verdict becomes a check with the place that was read", () => {
  const [line] = judgeFile("fs.file-max = 1024", "mobile");
  const { id, severity, ok, read, advice } = lineResult("/tmp/x.conf", line!);
  assert.deepEqual(
    { id, severity, ok, read, advice },
    {
      id: "fs.file-max",
      severity: "critical",
      ok: false,
      read: ["/tmp/x.conf:1: fs.file-max = 1024"],
      advice: "delete the line",
    },
  );
});
