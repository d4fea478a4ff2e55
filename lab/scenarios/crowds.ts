// A3, A4, A5, A7, H5: hoards that are spread over sources, or pass for honest clients.

import { OPTIONS } from "../kamailio.ts";
import { PHONES } from "./common.ts";
import { fullAtMost, HONEST, heldAtEndAtMost, neverFull, outage, stillOutAtEnd } from "./requirements.ts";
import type { AttackPhase, Scenario } from "./scenario.ts";

const KAMAILIO = { kind: "kamailio", digest: true } as const;

const THREE_TALK_ONCE: AttackPhase = {
  behaviour: "talk-once",
  text: OPTIONS,
  count: 2400,
  speed: { perSecond: 300 },
  sources: { family: 4, addresses: 3, networks: "own" },
};

export const A3: Scenario = {
  id: "A3",
  title: "three sources, one OPTIONS each per connection, then hold, 300/s",
  server: KAMAILIO,
  honest: PHONES,
  attack: [THREE_TALK_ONCE],
  lasts: { unprotectedMs: 10_000, protectedMs: 10_000 },
  expect: {
    unprotected: [outage, stillOutAtEnd],
    protected: [...HONEST, neverFull],
    strict: [...HONEST, neverFull, heldAtEndAtMost(180)],
  },
};

const MANY_SILENT: AttackPhase = {
  behaviour: "silent",
  count: 2200,
  speed: { perSecond: 500 },
  sources: { family: 4, addresses: 400, networks: "own" },
};

export const A4: Scenario = {
  id: "A4",
  title: "400 sources x 5 silent connections, each in a network of its own",
  server: KAMAILIO,
  honest: { ...PHONES, callRetryMs: 50 },
  attack: [MANY_SILENT],
  lasts: { unprotectedMs: 8000, protectedMs: 10_000 },
  expect: {
    unprotected: [outage, stillOutAtEnd],
    protected: [...HONEST, fullAtMost(500)],
    strict: [...HONEST, fullAtMost(500)],
  },
};

export const A4_NEAR: Scenario = {
  ...A4,
  id: "A4-near",
  title: "400 sources x 5 silent connections, in four networks",
  attack: [{ ...MANY_SILENT, sources: { family: 4, addresses: 400, networks: 4 } }],
};

const MANY_TALK_ONCE: AttackPhase = {
  behaviour: "talk-once",
  text: OPTIONS,
  count: 2200,
  speed: { perSecond: 500 },
  sources: { family: 4, addresses: 200, networks: "own" },
};

export const A5: Scenario = {
  ...A4,
  id: "A5",
  title: "200 sources x 10, one request, then hold, each in a network of its own",
  attack: [MANY_TALK_ONCE],
};

export const A5_NEAR: Scenario = {
  ...A4,
  id: "A5-near",
  title: "200 sources x 10, one request, then hold, in four networks",
  attack: [{ ...MANY_TALK_ONCE, sources: { family: 4, addresses: 200, networks: 4 } }],
};

export const A7: Scenario = {
  id: "A7",
  title: "keep-alives every 20 s from 40 sources that never register",
  server: KAMAILIO,
  honest: PHONES,
  attack: [
    {
      behaviour: "pings",
      count: 2200,
      speed: { perSecond: 400 },
      sources: { family: 4, addresses: 40, networks: "own" },
      everyTrueMs: 20_000,
    },
  ],
  lasts: { unprotectedMs: 9000, protectedMs: 10_000 },
  expect: {
    unprotected: [outage, stillOutAtEnd],
    protected: [...HONEST, neverFull],
    strict: [...HONEST, neverFull],
  },
};

export const H5: Scenario = {
  id: "H5",
  title: "300 quiet registered phones, a ping per 100 s, under A3 and A4 together",
  server: KAMAILIO,
  honest: { ...PHONES, held: 300, addresses: 300, callRetryMs: 50 },
  attack: [THREE_TALK_ONCE, { ...MANY_SILENT, speed: { perSecond: 250 } }],
  lasts: { unprotectedMs: 8000, protectedMs: 10_000 },
  expect: {
    unprotected: [outage, stillOutAtEnd],
    protected: HONEST,
  },
};

export const CROWD_SCENARIOS: readonly Scenario[] = [A3, A4, A4_NEAR, A5, A5_NEAR, A7, H5];
