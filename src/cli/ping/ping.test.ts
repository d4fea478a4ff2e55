// The output and exit codes of `ping`: text, JSON, plugin line. Results are made by hand; nothing is sent.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import type { Attempt, Outcome, ProbeResult } from "../../sip/index.ts";
import { NagiosCode } from "../exit-code.ts";
import { noPaint } from "../output.ts";
import { pingSummaryDocument, probeDocument } from "./document.ts";
import { pingReport } from "./nagios.ts";
import { type PingArguments, PingUsageError, planPing } from "./plan.ts";
import { PingStatistics, percentile } from "./statistics.ts";
import { outcomeLines, probeLine, summaryLines, verboseLines } from "./text.ts";

const times = { lookup: 2.1, connect: 0.42, tls: null, ws: null, response: 12.34, total: 14.86 };
const attempt: Attempt = {
  destination: { transport: "tcp", address: "2001:db8::1", family: 6, port: 5060, name: "a.example" },
  phase: "response",
  outcome: "answered",
  detail: "",
  code: 200,
  reason: "OK",
  ms: times,
  retransmits: 0,
  strays: 0,
  answer: {
    server: "kamailio (5.6.3)",
    contact: null,
    retryAfter: null,
    warning: null,
    seenAs: "192.0.2.9:40000",
    authenticated: true,
    nonceRenewed: false,
    bindingRemoved: null,
  },
  tls: null,
};
const UP: ProbeResult = {
  at: Date.UTC(2026, 0, 2, 3, 4, 5),
  target: "sip:example.org",
  phase: "response",
  outcome: "answered",
  detail: "",
  ms: times,
  attempt,
  failed: [],
  chain: ["a.example: 2001:db8::1"],
};
const DOWN: ProbeResult = {
  ...UP,
  phase: "tls",
  outcome: "tls-timeout",
  ms: { ...times, tls: 5000, response: null, total: 5002.5 },
  attempt: { ...attempt, outcome: "tls-timeout", code: null, reason: null, answer: null },
};
const statisticsOf = (...results: readonly ProbeResult[]) => {
  const statistics = new PingStatistics();
  for (const result of results) statistics.add(result);
  return statistics.summary();
};

test("probeLine() tells code, place, phases and what is unusual", () => {
  assert.equal(
    probeLine(UP, 3, noPaint),
    "3: 200 OK from tcp [2001:db8::1]:5060: lookup 2.10, connect 0.42, response 12.3 = 14.9 ms (authenticated; seen as 192.0.2.9:40000)",
  );
  assert.equal(
    probeLine(DOWN, 4, noPaint),
    "4: tls-timeout from tcp [2001:db8::1]:5060: lookup 2.10, connect 0.42, TLS 5000 = 5003 ms",
  );
  const failedOver = {
    ...UP,
    outcome: "failed-over" as const,
    failed: [{ ...attempt, outcome: "refused" as const }],
  };
  assert.match(
    probeLine(failedOver, 1, noPaint),
    /^1: 200 OK, failed-over from .* \(tcp \[2001:db8::1\]:5060 refused; /,
  );
});

test("outcomeLines() tells the likely cause and the remedy; an answer needs no words", () => {
  assert.deepEqual(outcomeLines("answered", noPaint), []);
  const lines = outcomeLines("tls-timeout", noPaint).join("\n");
  assert.match(lines, /likely: .*out of file descriptors/);
  assert.match(lines, /next: .*sockwarden who/);
});

test("verboseLines() shows look-up and server", () => {
  assert.deepEqual(verboseLines(UP, null, noPaint), [
    "   look-up: a.example: 2001:db8::1",
    "   server: kamailio (5.6.3)",
  ]);
});

test("summaryLines() end a run as ping(8) does", () => {
  assert.deepEqual(summaryLines("sip:example.org", statisticsOf(UP, UP, DOWN), 41), [
    "--- sip:example.org statistics ---",
    "3 sent, 2 answered, 1 lost (33%); 2 up, 0 degraded, 1 down",
    "tls-timeout 1",
    "total min/avg/p95/max/mdev = 14.9/14.9/14.9/14.9/0.00 ms",
    "certificate: 41 days left",
  ]);
  assert.equal(summaryLines("x", statisticsOf(DOWN), null).length, 3, "no times where nothing was answered");
});

test("the documents have the fields of the contract", () => {
  const probe = probeDocument(UP, 1, null) as Record<string, unknown>;
  for (const field of [
    "at",
    "target",
    "address",
    "transport",
    "phase",
    "outcome",
    "code",
    "reason",
    "ms",
    "retransmits",
    "certificateDays",
    "diagnosis",
  ])
    assert.ok(field in probe, field);
  const { at, schema, type, state, diagnosis } = probe;
  assert.deepEqual(
    [at, schema, type, state, diagnosis],
    ["2026-01-02T03:04:05.000Z", 1, "probe", "up", null],
  );
  const document = pingSummaryDocument("sip:example.org", statisticsOf(UP, DOWN)) as Record<string, unknown>;
  const { type: last, sent, answered, lost, p95 } = document;
  assert.deepEqual([last, sent, answered, lost, p95], ["summary", 2, 1, 1, 14.86]);
});

const limits = { warningMs: 200, criticalMs: 1000, certificateWarnDays: 21, certificateCritDays: 7 };
const slow = (total: number): ProbeResult => ({ ...UP, ms: { ...times, total } });
const unavailable: ProbeResult = {
  ...UP,
  outcome: "unavailable",
  attempt: { ...attempt, code: 503, reason: "Full | Up" },
};
for (const [name, worst, days, code] of [
  ["an answer", UP, 41, "OK"],
  ["a slow answer", slow(300), null, "WARNING"],
  ["a very slow answer", slow(1500), null, "CRITICAL"],
  ["a 503", unavailable, null, "WARNING"],
  ["silence", DOWN, null, "CRITICAL"],
  ["a certificate of 20 days", UP, 20, "WARNING"],
  ["a certificate of 6 days", UP, 6, "CRITICAL"],
] as const) {
  test(`pingReport(): ${name} is ${code}`, () => {
    const report = pingReport({ worst, summary: statisticsOf(worst), certificateDays: days }, limits);
    assert.equal(report.code, NagiosCode[code]);
    assert.ok(report.line.startsWith(`SIP ${code} - `));
    assert.equal(report.line.split("|").length, 2, "one bar only: the one before the performance data");
  });
}

test("pingReport() writes performance data as the plugin guidelines have it", () => {
  const { line } = pingReport({ worst: UP, summary: statisticsOf(UP), certificateDays: 41 }, limits);
  assert.equal(
    line,
    "SIP OK - 200 OK from tcp [2001:db8::1]:5060 in 14.9 ms, certificate 41 days | rtt=0.01486s;0.2;1;0 loss=0%;;;0;100 retransmits=0 lookup=0.0021s connect=0.00042s response=0.01234s cert=41;21:;7:",
  );
});

test("statistics are in order whatever the times are", () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1 }), (totals) => {
      const { min, avg, p95, max } = statisticsOf(...totals.map(slow));
      assert.ok(min! <= avg! + 1e-6 && avg! <= max! + 1e-6 && min! <= p95! && p95! <= max!);
    }),
  );
  assert.equal(percentile([5, 1, 4, 2, 3], 0.95), 5);
  assert.equal(percentile([5, 1, 4, 2, 3], 0.5), 3);
});

const given: PingArguments = { method: "OPTIONS", tlsMin: "1.2", certWarn: 21, certCrit: 7, maxForwards: 70 };
const plan = (target: string, more: Partial<PingArguments> = {}, password: string | null = null) =>
  planPing(target, { ...given, ...more }, password, "1");

test("planPing() takes the password from a file or the environment", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "sockwarden-ping-"));
  try {
    const file = path.join(folder, "pw");
    writeFileSync(file, "gehéim\nsecond line\n");
    assert.deepEqual(plan("sip:a", { user: "alice", passwordFile: file }).probe.credentials, {
      user: "alice",
      password: "geh\u00c3\u00a9im",
    });
    assert.equal(plan("sip:bob@a", { passwordFile: file }).probe.credentials?.user, "bob");
    assert.equal(plan("sip:a", { user: "alice" }, "env").probe.credentials?.password, "env");
    assert.equal(
      plan("sip:bob@a", {}, "env").probe.credentials,
      null,
      "a password alone authenticates nobody",
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("planPing() runs for ever in text, once as a plugin", () => {
  assert.deepEqual(
    [plan("sip:a").count, plan("sip:a", { nagios: true }).count, plan("sip:a", { count: 3 }).count],
    [null, 1, 3],
  );
});

for (const [name, target, more] of [
  ["a target that is none", "tel:+1", {}],
  ["a user without a password", "sip:a", { user: "alice" }],
  ["a password without a user", "sip:a", { passwordFile: "/dev/null" }],
  ["a file that is not there", "sip:a", { user: "a", passwordFile: "/nonexistent/pw" }],
  ["a certificate without a key", "sip:a", { cert: "/dev/null" }],
  ["a certificate that is none", "sip:a", { cert: import.meta.filename, key: import.meta.filename }],
  ["a local address that is none", "sip:a", { bind: "eth0" }],
  ["codes that are none", "sip:a", { expect: "banana" }],
  ["both families", "sip:a", { ipv4: true, ipv6: true }],
  ["REGISTER for nobody", "sip:a", { method: "REGISTER" }],
] as const satisfies readonly (readonly [string, string, Partial<PingArguments>])[]) {
  test(`planPing() refuses ${name}`, () => assert.throws(() => plan(target, more), PingUsageError));
}

test("every outcome that is not up has words for its cause", () => {
  const outcomes: readonly Outcome[] = ["refused", "no-response", "unavailable", "stale-nonce", "ws-closed"];
  for (const outcome of outcomes) assert.ok(outcomeLines(outcome, noPaint).length >= 2, outcome);
});
