// H1, H2, H3, H6, H7: nobody honest may suffer. Without protection nothing breaks here, or no attack breaks it. So the
// unprotected plays show only that the connections stay that a guard should clear away.

import { PHONES } from "./common.ts";
import {
  callsAnswered,
  HONEST,
  heldAtEndAtMost,
  holdsAtEnd,
  leakedReaches,
  nobodyBanned,
  nobodyRefused,
  noneCut,
  vanishedGone,
  vanishedStay,
  verdictIs,
} from "./requirements.ts";
import type { Scenario } from "./scenario.ts";

const KAMAILIO = { kind: "kamailio", digest: true } as const;

export const H1: Scenario = {
  id: "H1",
  title: "300 registered phones behind one NAT address, and 150 silent connections from there",
  server: KAMAILIO,
  honest: { ...PHONES, held: 300, addresses: 1 },
  attack: [{ behaviour: "silent", count: 150, speed: "at once", sources: "honest", atMs: 500 }],
  lasts: { unprotectedMs: 5000, protectedMs: 7000 },
  expect: {
    unprotected: [noneCut, callsAnswered, holdsAtEnd(150)],
    protected: [noneCut, callsAnswered, nobodyBanned, heldAtEndAtMost(0)],
  },
};

export const H2: Scenario = {
  id: "H2",
  title: "1600 clients, all behind one proxy, and the new calls too",
  server: KAMAILIO,
  honest: { ...PHONES, held: 1600, addresses: 1, callers: "held" },
  attack: [],
  lasts: { unprotectedMs: 3000, protectedMs: 6000 },
  expect: {
    unprotected: [noneCut, callsAnswered],
    protected: [noneCut, callsAnswered, nobodyRefused],
  },
};

export const H3: Scenario = {
  id: "H3",
  title: "200 mobile clients vanish without FIN",
  // The server's keep-alive finds the dead only after 2 + 45 x 2 s, so the guard does not wait for it.
  server: { ...KAMAILIO, keepAlive: { idle: 2, interval: 2, count: 45 } },
  honest: PHONES,
  vanishing: { held: 200, atMs: 500 },
  attack: [],
  lasts: { unprotectedMs: 9000, protectedMs: 12_000 },
  expect: {
    unprotected: [noneCut, callsAnswered, vanishedStay(200)],
    protected: [...HONEST, nobodyRefused, vanishedGone(0)],
  },
};

export const H6: Scenario = {
  id: "H6",
  title: "the program leaks CLOSE-WAIT",
  server: { kind: "echo", descriptors: 1024, mode: "leak" },
  honest: { ...PHONES, pingTrueMs: 10_000 },
  attack: [
    {
      behaviour: "close-wait",
      count: 400,
      speed: { perSecond: 200 },
      sources: { family: 4, addresses: 100, networks: "own" },
    },
  ],
  diagnoseAtMs: 2500,
  lasts: { unprotectedMs: 6000, protectedMs: 6000 },
  expect: {
    unprotected: [leakedReaches(300), verdictIs("program-leak")],
    protected: [noneCut, nobodyRefused, leakedReaches(300), verdictIs("program-leak")],
  },
};

export const H7: Scenario = {
  id: "H7",
  title: "2000 phones of distinct addresses reconnect within 3 s after a server restart",
  server: KAMAILIO,
  honest: { ...PHONES, held: 2000, addresses: 2000, reconnectWithinMs: 3000, callRetryMs: 100 },
  attack: [],
  mishaps: [{ atMs: 1500, mishap: "restart-server" }],
  lasts: { unprotectedMs: 10_000, protectedMs: 11_000 },
  expect: {
    unprotected: [noneCut],
    protected: [noneCut, nobodyRefused],
  },
};

export const H7_OFFICE: Scenario = {
  ...H7,
  id: "H7-office",
  title: "1500 phones of distinct addresses and an office of 300 reconnect within 3 s",
  honest: { ...H7.honest, held: 1500, addresses: 1500 },
  office: 300,
};

export const HONEST_SCENARIOS: readonly Scenario[] = [H1, H2, H3, H6, H7, H7_OFFICE];
