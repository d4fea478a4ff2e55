// A8, A9, A12: floods of packets and of short connections, and attackers that are banned already.

import { PHONES } from "./common.ts";
import {
  bansListed,
  HONEST,
  halfOpenReaches,
  heldAtEndAtMost,
  nobodyRefused,
  openedAtMostAtRate,
  openedAtRate,
  outage,
  staysModest,
  stillOutAtEnd,
  verdictIs,
} from "./requirements.ts";
import type { Scenario } from "./scenario.ts";

const KAMAILIO = { kind: "kamailio", digest: true } as const;

export const A8: Scenario = {
  id: "A8",
  title: "half-open flood from forged addresses, honest ones among them",
  server: KAMAILIO,
  honest: { ...PHONES, callRetryMs: 50 },
  attack: [
    {
      behaviour: "half-open",
      count: 12_000,
      speed: { perSecond: 2000 },
      sources: { forged: 2000, withHonest: true },
    },
  ],
  diagnoseAtMs: 1000,
  lasts: { unprotectedMs: 6000, protectedMs: 6000 },
  expect: {
    // SYN cookies keep the service up, so only the flood itself is expected.
    unprotected: [halfOpenReaches(500), verdictIs("half-open-flood")],
    protected: [...HONEST, nobodyRefused, halfOpenReaches(500), verdictIs("half-open-flood")],
  },
};

export const A9: Scenario = {
  id: "A9",
  title: "one source connects and closes, 500/s",
  server: KAMAILIO,
  honest: PHONES,
  attack: [
    {
      behaviour: "churn",
      count: 4000,
      speed: { perSecond: 500 },
      sources: { family: 4, addresses: 1, networks: 1 },
    },
  ],
  lasts: { unprotectedMs: 4000, protectedMs: 6000 },
  expect: {
    unprotected: [openedAtRate(300)],
    protected: [...HONEST, staysModest],
    // The fence lets in 128 at first and 128 a scaled minute from then on; the honest calls add five a second.
    strict: [...HONEST, staysModest, openedAtMostAtRate(60)],
  },
};

export const A12: Scenario = {
  id: "A12",
  title: "20 000 sources banned, and their attack goes on",
  server: KAMAILIO,
  honest: PHONES,
  attack: [
    {
      behaviour: "silent",
      count: 20_000,
      speed: { perSecond: 1500 },
      sources: { family: 4, addresses: 20_000, networks: 79 },
      concurrency: 6000,
    },
  ],
  bansByFile: { sources: 20_000, attackFromThem: true },
  lasts: { unprotectedMs: 5000, protectedMs: 6000 },
  expect: {
    unprotected: [outage, stillOutAtEnd],
    protected: [...HONEST, bansListed(20_000), heldAtEndAtMost(0), staysModest],
  },
};

export const FLOOD_SCENARIOS: readonly Scenario[] = [A8, A9, A12];
