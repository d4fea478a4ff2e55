import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Cause } from "../../model/index.ts";
import { diagnoseFailure, type MonitoredListener, type ProbeEnd } from "./diagnose-failure.ts";
import type { Hoard } from "./hoards.ts";

const QUIET: MonitoredListener = {
  name: "sip",
  pressure: "calm",
  slots: 2048,
  used: 300,
  fdUsed: 340,
  fdLimit: 4096,
  backlogs: [{ used: 0, limit: 128 }],
  processes: 9,
  activeBans: 0,
  leaked: 0,
  hoard: null,
};
const SILENCE: ProbeEnd = { outcome: "no-response", phase: "response" };
const NO_SYNACK: ProbeEnd = { outcome: "connect-timeout", phase: "connect" };
const HOARD: Hoard = {
  cause: "single-source-hoard",
  text: "192.0.2.66 holds 684 connections, 684 of them silent",
};

describe("diagnoseFailure()", () => {
  const cases: readonly [string, ProbeEnd, Partial<MonitoredListener>, Cause | null, RegExp][] = [
    [
      "nothing listens",
      { outcome: "refused", phase: "connect" },
      { backlogs: [], processes: 0 },
      "nothing-listens",
      /nothing listens for sip/,
    ],
    ["sockets without a process", SILENCE, { processes: 0 }, "nothing-listens", /no process owns/],
    [
      "out of descriptors",
      SILENCE,
      { fdUsed: 1023, fdLimit: 1024, used: 990 },
      "limit-too-low",
      /1023 of 1024 are used, 990 by connections$/,
    ],
    [
      "out of descriptors in a hoard",
      SILENCE,
      { fdUsed: 1024, fdLimit: 1024, hoard: HOARD, activeBans: 1 },
      "single-source-hoard",
      /; hoard: 192.0.2.66 holds 684 .*; 1 bans in force$/,
    ],
    [
      "out of descriptors by a leak",
      SILENCE,
      { fdUsed: 1023, fdLimit: 1024, used: 990, leaked: 600 },
      "program-leak",
      /1023 of 1024 are used/,
    ],
    [
      "its own limit",
      { outcome: "closed-early", phase: "response" },
      { used: 2048 },
      "limit-too-low",
      /2048 of 2048/,
    ],
    [
      "a full accept queue",
      NO_SYNACK,
      {
        backlogs: [
          { used: 0, limit: 128 },
          { used: 129, limit: 128 },
        ],
      },
      "program-not-accepting",
      /129 of 128 wait/,
    ],
    [
      "a program that does not accept",
      SILENCE,
      { backlogs: [{ used: 3, limit: 128 }] },
      "program-not-accepting",
      /3 connections wait .* descriptors left/,
    ],
    [
      "a hoard with slots left",
      SILENCE,
      { hoard: HOARD },
      "single-source-hoard",
      /a hoard is going on at sip: 300 of 2048 slots; hoard: 192/,
    ],
    [
      "pressure without a finding",
      { outcome: "late", phase: "response" },
      { pressure: "tight" },
      "limit-too-low",
      /slots are scarce \(tight\)/,
    ],
    [
      "nothing at all",
      NO_SYNACK,
      {},
      "healthy",
      /nothing to see at sip on this host: 300 of 2048 slots, 340 of 4096 descriptors/,
    ],
    [
      "a name that does not resolve, in a hoard",
      { outcome: "dns-error", phase: "lookup" },
      { hoard: HOARD },
      null,
      /the listener is not the cause/,
    ],
    [
      "an expired certificate, in a hoard",
      { outcome: "tls-cert-expired", phase: "tls" },
      { hoard: HOARD },
      null,
      /the listener is not the cause/,
    ],
    [
      "rejected credentials, in a hoard",
      { outcome: "auth-rejected", phase: "response" },
      { hoard: HOARD },
      null,
      /the listener is not the cause/,
    ],
  ];
  for (const [what, probe, seen, cause, text] of cases) {
    test(`names ${cause}: ${what}`, () => {
      const diagnosis = diagnoseFailure(probe, { ...QUIET, ...seen });
      assert.ok(diagnosis !== null);
      assert.equal(diagnosis.cause, cause);
      assert.match(diagnosis.text, text);
    });
  }

  test("says nothing of a probe that was answered, nor of a listener that nobody has seen", () => {
    assert.equal(diagnoseFailure({ outcome: "answered", phase: "response" }, QUIET), null);
    assert.equal(diagnoseFailure(SILENCE, null), null);
  });

  test("blames no limit that is unknown", () => {
    const unknown = { ...QUIET, slots: null, fdUsed: null, fdLimit: null };
    assert.match(
      diagnoseFailure(SILENCE, unknown)?.text ?? "",
      /nothing to see at sip on this host: 300 connections, nothing waits/,
    );
  });
});
