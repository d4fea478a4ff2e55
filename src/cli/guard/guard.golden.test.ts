// What the verbs that talk to the daemon show.

import assert from "node:assert/strict";
import { test } from "node:test";
import type {
  AllowlistDocument,
  BanDocument,
  BansDocument,
  DoneDocument,
  ExplainDocument,
  StatusDocument,
} from "../../client/index.ts";
import { PROOFS, type ProofCounts } from "../../model/index.ts";
import { noPaint } from "../output.ts";
import { assertGolden } from "../testing/golden.ts";
import { allowlistText } from "./allowlist-text.ts";
import { bansText } from "./bans-text.ts";
import { doneText, failureLines, unbanAllText } from "./done-text.ts";
import { explainText } from "./explain-text.ts";
import { reloadText } from "./reload-text.ts";
import { nagiosCode, nagiosLine, reaches } from "./status-nagios.ts";
import { statusText } from "./status-text.ts";

const NOW = Date.parse("2026-11-22T15:04:05.000Z");
const at = (secondsFromNow: number): string => new Date(NOW + 1000 * secondsFromNow).toISOString();
const fixture = (name: string): URL => new URL(`./fixtures/${name}`, import.meta.url);
const EVIL = "\u001b[2Jevil\u009b|'x'\n\u202e";

const proofs = (counts: Partial<ProofCounts>): ProofCounts =>
  Object.fromEntries(PROOFS.map((proof) => [proof, counts[proof] ?? 0])) as ProofCounts;

const calm: StatusDocument = {
  schema: 1,
  mode: "observe",
  since: at(-11_045),
  version: "0.1.0",
  listeners: [],
  bans: 0,
  caps: 0,
  health: [],
};

const attacked: StatusDocument = {
  ...calm,
  mode: "enforce",
  listeners: [
    {
      name: "sip",
      pressure: "critical",
      connections: 1904,
      used: 1904,
      slots: 2048,
      slotsFrom: "program",
      slotsWhere: "tcp_max_connections in /etc/kamailio/kamailio.cfg",
      fdUsed: 1990,
      fdLimit: 4096,
      scanMs: 4.07,
      lastScanAt: at(-2),
    },
    {
      name: "mqtt",
      pressure: "calm",
      connections: 51,
      used: 58,
      slots: 972,
      slotsFrom: "descriptors",
      slotsWhere: "RLIMIT_NOFILE of pid 812 less a reserve of 52",
      fdUsed: 80,
      fdLimit: 1024,
      scanMs: 0.4,
      lastScanAt: at(-61),
    },
    {
      name: "web",
      pressure: "tight",
      connections: 7,
      used: 7,
      slots: null,
      slotsFrom: null,
      slotsWhere: null,
      fdUsed: null,
      fdLimit: null,
      scanMs: null,
      lastScanAt: null,
    },
  ],
  bans: 2,
  caps: 1,
  health: [
    {
      code: "standing-lost",
      severity: "notice",
      text: "The ledger was made anew, so nobody has any standing yet.",
      since: at(-11_000),
    },
    {
      code: "ruleset-disturbed",
      severity: "critical",
      text: "Somebody else flushed the ruleset three times within a minute, and it was put back each time; look for another firewall service that restarts, and let it leave the table inet sockwarden alone.",
      since: at(-95),
    },
  ],
};

const ban = (source: string, different: Partial<BanDocument> = {}): BanDocument => ({
  source,
  listener: "sip",
  kind: "ban",
  since: at(-720),
  until: at(580),
  reason: "684 unproven connections, 20 allowed",
  rule: "unproven-per-source",
  evicted: 684,
  packets: 12_044,
  ...different,
});

const bans: BansDocument = {
  schema: 1,
  bans: [
    ban("203.0.113.77"),
    ban("2001:db8:7::/64", { kind: "cap", since: at(-5), until: at(3595), evicted: 12, packets: 0 }),
    ban("198.51.100.0/24", {
      listener: null,
      since: at(-90_000),
      until: at(514_800),
      rule: "operator",
      reason: "",
      evicted: 0,
      packets: null,
    }),
  ],
};

const explained: ExplainDocument = {
  schema: 1,
  source: "203.0.113.77",
  connections: [
    { listener: "sip", connections: 214, proofs: proofs({ silent: 210, proven: 4 }) },
    { listener: "sips", connections: 1, proofs: proofs({ pingsHeld: 1 }) },
  ],
  standing: [{ listener: "sip", expected: 2.6, firstSeen: at(-864_000), lastSeen: at(-3) }],
  matches: [
    {
      rule: "unproven-per-source",
      would: "cap it, and evict 190 connections",
      because:
        "210 of its connections to sip have never sent a byte for longer than 30s, and 20 are allowed; 4 are proven, so that it is not banned",
    },
  ],
  ban: ban("203.0.113.77", { kind: "cap" }),
};

test("status shows a daemon under attack", () => {
  assertGolden(statusText(attacked, NOW, noPaint), fixture("status.txt"));
});

test("status shows a daemon that only observes, and guards nothing yet", () => {
  assertGolden(statusText(calm, NOW, noPaint), fixture("status-calm.txt"));
});

test("status --nagios says how bad it is, in one line with performance data", () => {
  const tight = { ...attacked, listeners: attacked.listeners.slice(2), health: attacked.health.slice(0, 1) };
  const all = [calm, tight, attacked];
  assertGolden(all.map(nagiosLine).join("\n"), fixture("status-nagios.txt"));
  assert.deepEqual(all.map(nagiosCode), [0, 1, 2]);
});

test("status --fail-on counts pressure and health alike", () => {
  assert.deepEqual(
    (["notice", "warning", "critical"] as const).map((severity) => reaches(attacked, severity)),
    [true, true, true],
  );
  const notice = { ...calm, health: attacked.health.slice(0, 1) };
  assert.deepEqual([reaches(notice, "notice"), reaches(notice, "warning")], [true, false]);
  assert.equal(reaches(calm, "notice"), false);
});

test("bans shows the newest first, and how many there are more", () => {
  assertGolden(bansText(bans, 50, NOW, noPaint), fixture("bans.txt"));
  assert.match(bansText(bans, 2, NOW, noPaint), /\n\n\.\.\. and 1 more: --top 3 shows all$/);
});

test("what is empty is said", () => {
  assert.equal(bansText({ schema: 1, bans: [] }, 50, NOW, noPaint), "No bans.");
  assert.match(allowlistText({ schema: 1, allow: [] }, noPaint), /empty: `sockwarden allow SOURCE`/);
});

test("allowlist says who put what there", () => {
  const list: AllowlistDocument = {
    schema: 1,
    allow: [
      {
        source: "127.0.0.0/8",
        reason: "this host",
        connectionsPerSource: null,
        from: "protected",
        since: null,
      },
      {
        source: "192.0.2.0/24",
        reason: "carrier trunk",
        connectionsPerSource: 500,
        from: "configuration",
        since: null,
      },
      {
        source: "2001:db8::/64",
        reason: null,
        connectionsPerSource: null,
        from: "operator",
        since: at(-3600),
      },
    ],
  };
  assertGolden(allowlistText(list, noPaint), fixture("allowlist.txt"));
});

test("explain answers as one would a person", () => {
  assertGolden(explainText(explained, NOW, noPaint), fixture("explain.txt"));
});

test("explain says of a stranger that there is nothing to say, and of a friend why", () => {
  const stranger: ExplainDocument = {
    schema: 1,
    source: "192.0.2.1",
    connections: [],
    standing: [],
    matches: [],
  };
  const friend: ExplainDocument = {
    ...stranger,
    ban: ban("192.0.2.1", { listener: null, packets: null, reason: "" }),
    allow: {
      source: "192.0.2.0/24",
      reason: "carrier trunk",
      connectionsPerSource: 500,
      from: "operator",
      since: at(-3600),
    },
  };
  const texts = [stranger, friend].map((document) => explainText(document, NOW, noPaint));
  assertGolden(texts.join("\n\n----\n\n"), fixture("explain-stranger-friend.txt"));
});

test("changes are told one by one where they are few, and counted where they are many", () => {
  const few: DoneDocument = {
    schema: 1,
    done: [
      { source: "192.0.2.1", changed: true, evicted: 12 },
      { source: "192.0.2.2", changed: true, evicted: 1 },
      { source: "192.0.2.3", changed: false, evicted: 0 },
    ],
    failed: [{ source: "192.0.2.66", error: "it is the peer of a logged-in SSH session" }],
  };
  const many: DoneDocument = {
    schema: 1,
    done: Array.from({ length: 30 }, (_, i) => ({ source: `192.0.2.${i}`, changed: i > 4, evicted: 2 })),
    failed: Array.from({ length: 25 }, (_, i) => ({ source: `198.51.100.${i}`, error: "it is allowed" })),
  };
  const none: DoneDocument = { schema: 1, done: [], failed: [] };
  const blocks = (["ban", "unban", "allow", "disallow", "evict"] as const).map((change) =>
    [change, doneText(change, few), doneText(change, many), doneText(change, none)].join("\n"),
  );
  blocks.push(["unban --all", unbanAllText(many), unbanAllText(none)].join("\n"));
  blocks.push(["failures", ...failureLines(few), ...failureLines(many)].join("\n"));
  assertGolden(blocks.join("\n\n"), fixture("changes.txt"));
});

test("reload lists what is wrong, and what stays", () => {
  const error = { file: "/etc/sockwarden/sockwarden.yaml", line: 3, column: 7 };
  const text = reloadText({
    schema: 1,
    ok: false,
    errors: [
      { ...error, key: "mode", message: '"enforced" is not accepted', accepted: "observe, enforce" },
      { ...error, key: "", message: "this is no YAML", accepted: "" },
    ],
  });
  assertGolden(`${text}\n\n${reloadText({ schema: 1, ok: true, errors: [] })}`, fixture("reload.txt"));
});

test("a reload that takes a restart for some of it says so", () => {
  const text = "changed, but only a restart makes it so: stateDir";
  const health = [{ severity: "notice", code: "restart-needed", since: at(0), text }] as const;
  assert.equal(
    reloadText({ schema: 1, ok: true, errors: [] }, health),
    "The new configuration is in force, but not all of it: changed, but only a restart makes it so: stateDir.",
  );
});

test("a daemon that observes is not said to have banned or evicted", () => {
  const done: DoneDocument = {
    schema: 1,
    done: [
      { source: "203.0.113.77", changed: true, evicted: 684 },
      { source: "203.0.113.78", changed: false, evicted: 0 },
    ],
    failed: [],
  };
  const many = { ...done, done: Array.from({ length: 30 }, () => done.done[0]!) };
  const evicted = { ...done, done: [{ source: "203.0.113.77", changed: false, evicted: 684 }] };
  const blocks = [
    doneText("ban", done, "observe"),
    doneText("ban", many, "observe"),
    doneText("evict", evicted, "observe"),
    bansText(bans, 50, NOW, noPaint, "observe"),
    explainText(explained, NOW, noPaint, "observe"),
  ];
  assertGolden(blocks.join("\n\n"), fixture("observe.txt"));
});

test("foreign text cannot reach the terminal, nor break a line or the performance data", () => {
  const status: StatusDocument = {
    ...attacked,
    version: EVIL,
    listeners: attacked.listeners.map((listener) => ({ ...listener, name: EVIL })),
    health: attacked.health.map((item) => ({ ...item, code: EVIL, text: EVIL })),
  };
  const foreign = ban(EVIL, { reason: EVIL, rule: EVIL, listener: EVIL });
  const texts = [
    statusText(status, NOW, noPaint),
    bansText({ schema: 1, bans: [foreign] }, 1, NOW, noPaint),
    doneText("ban", { schema: 1, done: [{ source: EVIL, changed: true }], failed: [] }),
    ...failureLines({ schema: 1, done: [], failed: [{ source: EVIL, error: EVIL }] }),
    explainText(
      { ...explained, source: EVIL, ban: foreign, matches: [{ rule: EVIL, would: EVIL, because: EVIL }] },
      NOW,
      noPaint,
    ),
  ];
  for (const text of texts) assert.doesNotMatch(text, /[\u001b\u009b\u202e]/);
  assert.equal(bansText({ schema: 1, bans: [foreign] }, 1, NOW, noPaint).split("\n").length, 4);
  assert.match(nagiosLine(status), /^[^|\n]*\|[^|\n]*$/);
  assert.match(nagiosLine(status), /'\?\[2Jevil\?__x_\?\? connections'=1904;;;0;2048/);
});
