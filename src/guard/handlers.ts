// The operator's requests, a function each. They throw if it cannot be done; the message is meant for people.

import type { EvictedConnections } from "../enforce/index.ts";
import type { JudgeState, StepOptions } from "../judge/index.ts";
import {
  type Ban,
  banKeyText,
  contains,
  type Eviction,
  formatNetwork,
  type Network,
  PROOFS,
  sourceBits,
} from "../model/index.ts";
import type { TrackedCensus } from "../track/index.ts";
import type { GuardParts } from "./parts.ts";
import type { AnswerOf, AskOf, BanInForce, EvictedOf, Explained, RequestName } from "./requests.ts";
import type { GuardSettings } from "./settings.ts";

/** The loop as the handlers see it: what it knows and what it does. */
export interface Loop {
  readonly settings: GuardSettings;
  /** The judge's memory. It is replaced as a whole. */
  state: JudgeState;
  /** The last scan's census; null before the first. */
  readonly census: TrackedCensus | null;
  /** The connections that the last scan's plan evicted. */
  readonly evicted: readonly EvictedConnections[];
  configure(settings: GuardSettings, nowMs: number): void;
  /** Scans, judges and carries the plan out at once. Throws what the kernel refuses. */
  scan(nowMs: number): void;
  judging(nowMs: number): StepOptions;
}

export type Handlers = {
  readonly [Name in RequestName]: (ask: AskOf<Name>, nowMs: number) => AnswerOf<Name>;
};

type EvictionTarget = Pick<Ban, "source" | "listener">;
type Parts = Pick<GuardParts, "tracker" | "sums" | "judge" | "evictor" | "rules" | "protectedAddresses">;

export function handlersOf(loop: Loop, parts: Parts): Handlers {
  const { judge, rules, sums, protectedAddresses } = parts;
  return {
    configure: ({ settings, bans }, nowMs) => {
      if (bans !== null) {
        const none = judge.withoutBans(loop.state, [...loop.state.bans.keys()]);
        loop.state = judge.withBans(none, bans);
      }
      loop.configure(settings, nowMs);
      return null;
    },
    alive: () => null,
    ban: ({ bans }, nowMs) => imposeBans(loop, parts, bans, nowMs),
    unban: ({ sources }) => liftBans(loop, parts, sources),
    evict: (target, nowMs) => {
      loop.scan(nowMs);
      return evictAll(loop, parts, target, nowMs);
    },
    explain: ({ source }, nowMs) => {
      loop.scan(nowMs);
      return explainNow(loop, parts, source, nowMs);
    },
    census: ({ top }) => ({
      takenAt: loop.census?.takenAt ?? null,
      listeners: loop.census === null ? [] : sums.largestByListener(loop.census, top),
    }),
    bans: (_, nowMs) => heldBans(loop, parts, nowMs),
    standings: () => [...loop.state.standings.values()],
    protected: (_, nowMs) => protectedAddresses.at(nowMs),
    stop: ({ keep }) => {
      if (!keep) rules.tearDown();
      return null;
    },
  };
}

/** Bans, and evicts what the sources hold. Bans of listeners in other namespaces are left out: another guard has those. */
function imposeBans(loop: Loop, parts: Parts, all: readonly Ban[], nowMs: number): EvictedOf[] {
  const bans = all.filter(({ listener }) => listener === null || isHere(loop, listener));
  if (bans.length === 0) return [];
  parts.rules.add(bans, nowMs);
  loop.state = parts.judge.withBans(loop.state, bans);
  // The judge evicts what banned sources hold, and leaves out exempt ones inside.
  loop.scan(nowMs);
  return bans
    .filter(({ kind }) => kind === "ban")
    .map((of) => ({ source: of.source, evicted: evictedByBan(loop, parts, of, nowMs) }));
}

function isHere({ census }: Loop, listener: string): boolean {
  return census?.listeners.some(({ name }) => name === listener) ?? false;
}

function evictedByBan(loop: Loop, parts: Parts, target: EvictionTarget, nowMs: number): number {
  const { source, listener } = target;
  // The judge knows sources only, so a target narrower than a source is evicted here.
  if (source.bits > sourceBits(source.address, loop.settings.prefixes))
    return evictAll(loop, parts, target, nowMs);
  return connectionsIn(
    loop.evicted.filter(
      (of) =>
        of.rule === "banned" &&
        contains(source, of.source.address) &&
        (listener === null || of.listener === listener),
    ),
  );
}

/** Evicts everything that the target holds, as of the last scan. */
function evictAll(
  { settings }: Loop,
  { evictor }: Parts,
  { source, listener }: EvictionTarget,
  nowMs: number,
): number {
  const { evictPerSecond: perSecond, backend } = settings;
  const eviction: Eviction = {
    source,
    listener,
    proofs: PROOFS,
    max: Number.POSITIVE_INFINITY,
    rule: "operator",
  };
  const round = { pressed: true, perSecond, nowMs, observes: backend === "observe" };
  return connectionsIn(evictor.carryOut([eviction], round).evicted);
}

function connectionsIn(evicted: readonly EvictedConnections[]): number {
  return evicted.reduce((sum, { count }) => sum + count, 0);
}

function liftBans(loop: Loop, { judge, rules }: Parts, sources: readonly Network[] | "all"): Ban[] {
  const names = sources === "all" ? null : new Set(sources.map(formatNetwork));
  const lifted = [...loop.state.bans.values()].filter(
    ({ source }) => names === null || names.has(formatNetwork(source)),
  );
  rules.remove(lifted);
  loop.state = judge.withoutBans(loop.state, lifted.map(banKeyText));
  return lifted;
}

/** Explains a source; called after a scan. */
function explainNow(loop: Loop, { judge, tracker }: Parts, source: Network, nowMs: number): Explained {
  const text = formatNetwork(source);
  return {
    connections: tracker.connectionsOf(source).map(({ listener, proofs }) => ({
      listener,
      connections: Object.values(proofs).reduce((sum, count) => sum + count, 0),
      proofs,
    })),
    standings: [...loop.state.standings.values()].filter((standing) => standing.source === text),
    matches: judge.explainSource(loop.state, loop.census!, { source, options: loop.judging(nowMs) }),
  };
}

function heldBans({ state }: Loop, { rules }: Parts, nowMs: number): BanInForce[] {
  const packets = new Map(rules.list().map((held) => [banKeyText(held), held.packets]));
  return [...state.bans.values()]
    .filter(({ until }) => until > nowMs)
    .map((of) => ({ ban: of, packets: packets.get(banKeyText(of)) ?? null }));
}
