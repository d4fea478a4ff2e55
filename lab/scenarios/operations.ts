// O1, O2: mishaps of the guard itself while the story goes on, and many bans.

import { PHONES } from "./common.ts";
import { A1 } from "./hoards.ts";
import {
  bansListed,
  bansLoadWithin,
  callsAnswered,
  HONEST,
  heldAtEndAtMost,
  honestNotRefused,
  neverFull,
  noneCut,
  refusingAgainWithin,
  somebodyBanned,
  staysModest,
} from "./requirements.ts";
import type { MishapPlan, Scenario } from "./scenario.ts";

/** The story during a mishap, with an attacker that opens again whatever it loses. */
function story(variant: string, title: string, mishap: MishapPlan): Scenario {
  return {
    ...A1,
    id: `O1-${variant}`,
    title: `${title} during A1`,
    attack: A1.attack.map((phase) => ({ ...phase, persistent: true })),
    mishaps: [mishap],
    lasts: { ...A1.lasts, protectedMs: 8000 },
    expect: {
      unprotected: null,
      protected: [...HONEST, neverFull, somebodyBanned, refusingAgainWithin(1000), heldAtEndAtMost(0)],
    },
  };
}

export const O1: readonly Scenario[] = [
  story("flush", "nft flush ruleset", { atMs: 4000, mishap: "flush-ruleset" }),
  // The bans in the kernel go on refusing by themselves until the daemon is started again.
  story("kill", "kill -9 of the daemon, started again 1 s later", {
    atMs: 4000,
    mishap: "kill-daemon",
    forMs: 1000,
  }),
  story("restart", "restart of the daemon", { atMs: 4000, mishap: "restart-daemon" }),
  story("disk", "full disk for 2 s", { atMs: 500, mishap: "full-disk", forMs: 2000 }),
  story("clock", "the wall clock jumps a day ahead, and back after 2 s", {
    atMs: 4000,
    mishap: "clock-jump",
    forMs: 2000,
  }),
];

export const O2: Scenario = {
  id: "O2",
  title: "40 000 bans",
  server: { kind: "kamailio", digest: true },
  honest: PHONES,
  attack: [],
  bansByFile: { sources: 40_000, attackFromThem: false },
  lasts: { unprotectedMs: 2000, protectedMs: 4000 },
  expect: {
    // There is no attack to stop, only an honest play that must work.
    unprotected: [callsAnswered, noneCut],
    protected: [
      callsAnswered,
      noneCut,
      honestNotRefused,
      bansListed(40_000),
      bansLoadWithin({ fileMs: 8000, oneMs: 2500 }),
      staysModest,
    ],
  },
};

export const OPERATION_SCENARIOS: readonly Scenario[] = [...O1, O2];
