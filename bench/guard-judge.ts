// Measures one step of the judge with many sources: in calm, and when 20 000 of them attack at once, at each pressure.

import { type FakeSource, fakeCensus, NOW, OPTIONS } from "../src/judge/fakes.ts";
import { initialState, step } from "../src/judge/index.ts";
import { median } from "./statistics.ts";

const HONEST_SOURCES = 24_000;
const HONEST_EACH = 4;
const ATTACKERS = 20_000;
const ATTACK_EACH = 5;
/** Connections of each hoarder: more than unprovenPerSource. */
const HOARD_EACH = 25;
const ROUNDS = 9;
const WARM_UP = 3;

export interface StepCost {
  readonly what: string;
  readonly sources: number;
  readonly connections: number;
  /** Processor time of the thread, in milliseconds. */
  readonly ms: number;
  /** The next step, with this one's bans standing and all evicted. */
  readonly nextMs: number;
  readonly bans: number;
  readonly evictions: number;
}

export function measureJudge(): StepCost[] {
  const honest = fakeSources(HONEST_SOURCES, 10, { kept: HONEST_EACH });
  const attack = (counts: FakeSource["counts"]) => [...honest, ...fakeSources(ATTACKERS, 20, counts)];
  const hoards = Array.from({ length: ATTACKERS }, (_, i) => ({
    source: `30.${i >> 8}.${i & 255}.7`,
    counts: { silent: HOARD_EACH },
  }));
  const all = HONEST_SOURCES * HONEST_EACH + ATTACKERS * ATTACK_EACH;
  return [
    cost("calm", honest, honest, 2 * all),
    cost("an attack of young connections, calm", attack({ fresh: ATTACK_EACH }), honest, 2 * all),
    cost("the same past their time, calm", attack({ silent: ATTACK_EACH }), honest, 2 * all),
    cost(
      "20 000 sources of networks of their own, past their limit",
      [...honest, ...hoards],
      honest,
      4 * all,
    ),
    cost("young connections as above, tight", attack({ fresh: ATTACK_EACH }), honest, Math.round(all / 0.8)),
    cost("the same, critical", attack({ fresh: ATTACK_EACH }), honest, Math.round(all / 0.98)),
  ];
}

function cost(
  what: string,
  now: readonly FakeSource[],
  before: readonly FakeSource[],
  slots: number,
): StepCost {
  const owner = { pid: 1, name: "server", fdUsed: null, fdLimit: null };
  const at = (list: readonly FakeSource[], ms: number) =>
    fakeCensus(list, { listeners: [{ slots, owner }], at: NOW + ms });
  const first = at(before, 0);
  const [second, third] = [at(now, 1000), at(before, 2000)];
  const known = step(initialState({ standings: [], bans: [], histories: [] }), first, OPTIONS).state;
  const ms: number[] = [];
  const nextMs: number[] = [];
  let judged = step(known, second, OPTIONS);
  for (let round = 0; round < WARM_UP + ROUNDS; round++) {
    ms.push(
      timed(() => {
        judged = step(known, second, OPTIONS);
      }),
    );
    nextMs.push(timed(() => step(judged.state, third, OPTIONS)));
  }
  return {
    what,
    sources: now.length,
    connections: second.sockets,
    ms: median(ms.slice(WARM_UP)),
    nextMs: median(nextMs.slice(WARM_UP)),
    bans: judged.plan.bans.length,
    evictions: judged.plan.evictions.length,
  };
}

/** `count` neighbours in networks of their own. */
function fakeSources(count: number, first: number, counts: FakeSource["counts"]): FakeSource[] {
  return Array.from({ length: count }, (_, i) => ({
    source: `${first}.${Math.floor(i / 64_000)}.${Math.floor(i / 250) % 256}.${1 + (i % 250)}`,
    counts,
  }));
}

function timed(act: () => void): number {
  const before = process.threadCpuUsage();
  act();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000;
}
