// A small world in place of the kernel, with the guard's parts on top of it: sources that hold connections, rules that
// keep bans, and a judge with one rule. Every call is written down. Any part can be told to fail, to be slow, or to
// lie.

import type { EvictedConnections, KernelBan, RuleSettings } from "../enforce/index.ts";
import type { JudgeMemory, Judgement, JudgeState } from "../judge/index.ts";
import { noCounts } from "../model/fakes.ts";
import {
  type Ban,
  banKeyText,
  CONDUCTS,
  type ConductCounts,
  type Eviction,
  formatNetwork,
  type ListenerPolicy,
  PROOFS,
  type Pressure,
  type ProofCounts,
  parseNetwork,
  Refusal,
  type RuleName,
} from "../model/index.ts";
import type { ListenerSum, ScanTaken, TrackedCensus, TrackedListener } from "../track/index.ts";
import { Guard } from "./guard.ts";
import type { News } from "./news.ts";
import type { GuardParts, Tap } from "./parts.ts";
import type { GuardSettings } from "./settings.ts";

export const START: number = Date.parse("2026-03-01T12:00:00Z");

/** The fake judge bans a source with more connections than this. */
export const LIMIT = 20;
const TERM_MS = 600_000;
/** How often triggers are read. */
const AGAIN_MS = 100;

export type PartName =
  | "triggers"
  | "scan"
  | "judge"
  | "protected"
  | "follow"
  | "restore"
  | "add"
  | "remove"
  | "configure"
  | "evict"
  | "tap";

const NO_PROOFS: ProofCounts = noCounts(PROOFS);
const NO_CONDUCT: ConductCounts = noCounts(CONDUCTS);

export function fakeSettings(different: Partial<GuardSettings> = {}): GuardSettings {
  return {
    policies: [],
    prefixes: { ipv4: 32, ipv6: 64 },
    terms: { firstMs: TERM_MS, factor: 2, maxMs: 86_400_000 },
    allow: [],
    backend: "nftables",
    action: "drop",
    fence: false,
    evictPerSecond: 2000,
    everyMs: 5000,
    cpuBudget: 0.05,
    ...different,
  };
}

export function fakeBan(source: string, different: Partial<Ban> = {}): Ban {
  const times = { since: START, until: START + TERM_MS };
  const words = { reason: "a test", rule: "operator" } as const;
  return { source: parseNetwork(source)!, listener: null, kind: "ban", ...times, ...words, ...different };
}

/** A refusal with a code, as backends throw it. */
export class FakeRefusal extends Refusal {
  readonly code: string;

  constructor(code: string, text: string) {
    super(text);
    this.code = code;
  }
}

interface WorldOptions {
  readonly settings?: Partial<GuardSettings>;
  readonly remembered?: Partial<JudgeMemory>;
  readonly listeners?: readonly string[];
  readonly tap?: Tap;
}

export class World {
  /** Connections by source, of the first listener. */
  readonly held: Map<string, number> = new Map();
  /** Bans in the kernel. */
  readonly kernel: Map<string, Ban> = new Map();
  /** The calls, in their order. */
  readonly calls: string[] = [];
  /** The errors that parts throw. */
  readonly broken: Map<PartName, Error> = new Map();
  /** The milliseconds that parts take. */
  readonly slow: Map<PartName, number> = new Map();
  readonly scansTold: ScanTaken[] = [];
  readonly listeners: readonly string[];
  /** The first listener's pressure, as the judge says it. */
  pressure: Pressure = "calm";
  /** Makes evictions be told as done and leave everything as it is. */
  evictionsLie = false;
  /** The next answer of restore(): how many bans somebody else took out. */
  takenOut: number | null = null;
  now: number = START;
  cpu = 0;
  dueAt: number = START;
  readonly guard: Guard;

  constructor({ settings = {}, remembered = {}, listeners = ["sip"], tap = () => {} }: WorldOptions = {}) {
    this.listeners = listeners;
    this.guard = new Guard(this.#parts(tap), {
      settings: fakeSettings(settings),
      remembered: { standings: [], bans: [], histories: [], ...remembered },
    });
  }

  /** Lets the guard tick for `forMs`, as its thread does. Returns its news. */
  run(forMs: number): News[] {
    const end = this.now + forMs;
    const news: News[] = [];
    while (this.now <= end) {
      this.guard.tick();
      const told = this.guard.takeNews();
      if (told !== null) news.push(told);
      this.now += Math.max(1, this.guard.nextTickInMs());
    }
    return news;
  }

  /** The times of the calls of one part, since the start. */
  times(name: string): number[] {
    return this.calls.flatMap((call) => {
      const [at, of] = call.split(" ");
      return of === name ? [Number(at)] : [];
    });
  }

  /** The calls without their times. */
  names(): string[] {
    return this.calls.map((call) => call.slice(call.indexOf(" ") + 1));
  }

  #call(part: PartName, about = ""): void {
    this.calls.push(`${this.now - START} ${part}${about === "" ? "" : ` ${about}`}`);
    const ms = this.slow.get(part) ?? 0;
    this.now += ms;
    this.cpu += ms;
    const error = this.broken.get(part);
    if (error !== undefined) throw error;
  }

  #parts(tap: Tap): GuardParts {
    return {
      clock: { now: () => this.now, cpuMs: () => this.cpu },
      tracker: {
        scan: (policies, _, nowMs) => this.#scan(policies, nowMs),
        connectionsOf: (source) => this.#connectionsOf(formatNetwork(source)),
      },
      scanTimer: this.#scanTimer(),
      sums: {
        sumByListener: ({ listeners }, largest) => listeners.map((_, i) => this.#sum(i, largest)),
        largestByListener: ({ listeners }, top) =>
          listeners.map(({ name }, i) => ({ name, ...this.#sum(i, top), sources: [] })),
      },
      judge: {
        initialState: (remembered) => stateOf(remembered),
        step: (state, { takenAt }) => this.#step(state, takenAt),
        explainSource: (_, __, { source }) => [
          { rule: "overdue", would: "do nothing", because: formatNetwork(source) },
        ],
        withBans: (state, bans) => ({
          ...state,
          bans: new Map([...state.bans, ...bans.map((ban) => [banKeyText(ban), ban] as const)]),
        }),
        withoutBans: (state, keys) => ({
          ...state,
          bans: new Map([...state.bans].filter(([key]) => !keys.includes(key))),
        }),
      },
      evictor: { carryOut: (evictions, { observes }) => this.#evict(evictions, observes) },
      rules: this.#rules(),
      protectedAddresses: {
        at: () => {
          this.#call("protected");
          return [parseNetwork("192.0.2.254")!];
        },
      },
      tap: (census, judgement) => {
        this.#call("tap");
        tap(census, judgement);
      },
    };
  }

  #scanTimer(): GuardParts["scanTimer"] {
    // As the real one: it has no wait to tell before its first answer.
    let againInMs = 0;
    return {
      get againInMs() {
        return againInMs;
      },
      readOpens: () => 1,
      isDue: (nowMs, _, verifyAtMs) => {
        this.#call("triggers");
        againInMs = AGAIN_MS;
        return nowMs >= Math.min(this.dueAt, verifyAtMs);
      },
      scanned: (taken) => {
        this.scansTold.push(taken);
        this.dueAt = taken.census.takenAt + 5000;
      },
    };
  }

  #rules(): GuardParts["rules"] {
    return {
      configure: ({ backend }: RuleSettings) => this.#call("configure", backend),
      follow: (listeners) => this.#call("follow", listeners.map(({ name }) => name).join()),
      isDue: () => true,
      restore: () => {
        this.#call("restore");
        const taken = this.takenOut;
        this.takenOut = null;
        return taken;
      },
      add: (bans) => {
        this.#call("add", bans.map(({ source }) => formatNetwork(source)).join());
        for (const ban of bans) this.kernel.set(banKeyText(ban), ban);
      },
      remove: (bans) => {
        this.#call("remove", bans.map(({ source }) => formatNetwork(source)).join());
        for (const ban of bans) this.kernel.delete(banKeyText(ban));
      },
      list: () => [...this.kernel.values()].map(kernelBan),
      tearDown: () => this.kernel.clear(),
    };
  }

  #scan(policies: readonly ListenerPolicy[] | null, nowMs: number): TrackedCensus {
    this.#call("scan", policies === null ? "of all" : "");
    const names = this.listeners;
    const listeners = names.map((name, i) => ({
      name,
      endpoints: [],
      processes: [],
      owner: null,
      slots: 100,
      used: i === 0 ? this.#total() : 0,
      conduct: NO_CONDUCT,
    }));
    return {
      takenAt: nowMs,
      scanMs: 1,
      cpuMs: 2,
      sockets: this.#total(),
      listeners: listeners as Partial<TrackedListener>[] as TrackedListener[],
      losses: { truncated: 1, unknown: 2 },
    } as Partial<Record<keyof TrackedCensus, unknown>> as TrackedCensus;
  }

  #total(): number {
    return [...this.held.values()].reduce((sum, count) => sum + count, 0);
  }

  #sum(listener: number, largest: number): ListenerSum {
    const held = listener === 0 ? [...this.held.values()].sort((a, b) => b - a) : [];
    const connections = held.reduce((sum, count) => sum + count, 0);
    const proofs = { ...NO_PROOFS, silent: connections };
    return { connections, proofs, sources: held.length, largest: held.slice(0, largest) };
  }

  #connectionsOf(source: string): ReturnType<GuardParts["tracker"]["connectionsOf"]> {
    const silent = this.held.get(source) ?? 0;
    return silent === 0 ? [] : [{ listener: this.listeners[0]!, proofs: { ...NO_PROOFS, silent } }];
  }

  /** Evicts what banned sources hold, and bans sources that hold more than LIMIT. */
  #step(state: JudgeState, nowMs: number): Judgement {
    this.#call("judge");
    const banned = new Set([...state.bans.values()].map(({ source }) => formatNetwork(source)));
    const holding = [...this.held].filter(([, count]) => count > 0);
    const over = holding.filter(([source, count]) => count > LIMIT && !banned.has(source));
    const bans = over.map(([source]) =>
      fakeBan(source, { since: nowMs, until: nowMs + TERM_MS, rule: "unproven-per-source" }),
    );
    const evictions = [
      ...holding.filter(([source]) => banned.has(source)).map(([source]) => evictionOf(source, "banned")),
      ...over.map(([source]) => evictionOf(source, "unproven-per-source")),
    ];
    const pressures = new Map([[this.listeners[0]!, this.pressure]]);
    const all = new Map([...state.bans, ...bans.map((ban) => [banKeyText(ban), ban] as const)]);
    const never = Number.POSITIVE_INFINITY;
    return {
      state: { ...state, bans: all, pressures, steppedAt: nowMs },
      findings: [],
      plan: { bans, evictions },
      pressures,
      nextScan: { opens: never, at: never, aging: { opens: never, afterMs: 0 } },
    };
  }

  #evict(evictions: readonly Eviction[], observes: boolean): ReturnType<GuardParts["evictor"]["carryOut"]> {
    this.#call("evict", evictions.map(({ source }) => formatNetwork(source)).join());
    const evicted = evictions.flatMap(({ source, listener, rule }): EvictedConnections[] => {
      const count = this.held.get(formatNetwork(source)) ?? 0;
      if (!observes && !this.evictionsLie) this.held.delete(formatNetwork(source));
      return count === 0 ? [] : [{ source, listener, rule, count }];
    });
    return { evicted, postponed: 0 };
  }
}

function stateOf({ bans }: JudgeMemory): JudgeState {
  return {
    standings: new Map(),
    bans: new Map(bans.map((ban) => [banKeyText(ban), ban])),
    histories: new Map(),
    pressures: new Map(),
    excesses: new Map(),
    told: new Map(),
    steppedAt: null,
  };
}

function evictionOf(source: string, rule: RuleName): Eviction {
  const max = Number.POSITIVE_INFINITY;
  return { source: parseNetwork(source)!, listener: "sip", proofs: PROOFS, max, rule };
}

function kernelBan({ source, listener, kind }: Ban): KernelBan {
  return { source, listener, kind, remainingMs: 1000, packets: 3 };
}
