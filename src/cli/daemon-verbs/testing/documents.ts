// Made-up answers of the daemon, for tests of the verbs' texts.

import type { BanDocument, BansDocument, ExplainDocument, StatusDocument } from "../../../client/index.ts";
import { PROOFS, type ProofCounts } from "../../../model/index.ts";

export const NOW: number = Date.parse("2026-11-22T15:04:05.000Z");
export const at = (secondsFromNow: number): string => new Date(NOW + 1000 * secondsFromNow).toISOString();

const proofs = (counts: Partial<ProofCounts>): ProofCounts =>
  Object.fromEntries(PROOFS.map((proof) => [proof, counts[proof] ?? 0])) as ProofCounts;

export const calm: StatusDocument = {
  schema: 1,
  mode: "observe",
  since: at(-11_045),
  version: "0.1.0",
  listeners: [],
  bans: 0,
  caps: 0,
  monitors: [],
  health: [],
};

export const attacked: StatusDocument = {
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

export const ban = (source: string, different: Partial<BanDocument> = {}): BanDocument => ({
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

export const bans: BansDocument = {
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

export const explained: ExplainDocument = {
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
