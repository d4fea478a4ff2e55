// Hand-made tracked censuses for the judge's tests.

import type { ListeningProcess } from "../census/index.ts";
import { noCounts } from "../model/fakes.ts";
import {
  CONDUCTS,
  DEFAULT_LIMITS,
  DEFAULT_PRESSURE,
  type ListenerPolicy,
  PROFILES,
  PROOF_COUNT,
  PROOFS,
  Proof,
  type ProofCounts,
  parseNetwork,
} from "../model/index.ts";
import type { TrackedCensus, TrackedListener } from "../track/index.ts";
import { initialState, type JudgeState, type StepOptions } from "./index.ts";

export const NOW: number = Date.parse("2026-03-01T12:00:00Z");
const DAY_MS = 24 * 60 * 60 * 1000;

export interface FakeSource {
  readonly source: string;
  readonly counts: Partial<ProofCounts>;
  readonly listener?: number;
  readonly dueAt?: number;
}

export interface FakeListener {
  readonly name?: string;
  readonly slots?: number | null;
  readonly policy?: Partial<ListenerPolicy>;
  readonly limits?: Partial<ListenerPolicy["limits"]>;
  readonly owner?: ListeningProcess | null;
}

export function fakePolicy({ name = "sip", policy = {}, limits = {} }: FakeListener = {}): ListenerPolicy {
  return {
    name,
    selector: { ports: [5060], process: null, address: null, netns: null },
    tlsPorts: [],
    profile: PROFILES.sip,
    limits: { ...DEFAULT_LIMITS, ...limits },
    pressure: DEFAULT_PRESSURE,
    slots: null,
    evictLeaked: false,
    ...policy,
  };
}

/** A census of the sources given, on listeners that share one owner's slots. */
export function fakeCensus(
  sources: readonly FakeSource[],
  { listeners = [{}], at = NOW }: { readonly listeners?: readonly FakeListener[]; readonly at?: number } = {},
): TrackedCensus {
  const rows = {
    length: sources.length,
    listener: Uint32Array.from(sources, ({ listener = 0 }) => listener),
    source: new Uint32Array(4 * sources.length),
    counts: new Uint32Array(PROOF_COUNT * sources.length),
    dueAt: Float64Array.from(sources, ({ dueAt = Number.POSITIVE_INFINITY }) => dueAt),
  };
  for (const [row, { source, counts }] of sources.entries()) {
    rows.source.set(new Uint32Array(parseNetwork(source)!.address.slice().buffer), 4 * row);
    for (const proof of PROOFS) rows.counts[PROOF_COUNT * row + Proof[proof]] = counts[proof] ?? 0;
  }
  const used = rows.counts.reduce((sum, count) => sum + count, 0);
  return {
    takenAt: at,
    scanMs: 1,
    cpuMs: 1,
    sockets: used,
    listeners: listeners.map((listener, i) => fakeListener(listener, { sources, used, number: i })),
    rows,
    prefixes: { ipv4: 32, ipv6: 64 },
    losses: {} as TrackedCensus["losses"],
    consistent: true,
  };
}

function fakeListener(
  listener: FakeListener,
  {
    sources,
    used,
    number,
  }: { readonly sources: readonly FakeSource[]; readonly used: number; readonly number: number },
): TrackedListener {
  const leaked = sources
    .filter(({ listener: of = 0 }) => of === number)
    .reduce((sum, { counts }) => sum + (counts.leaked ?? 0) + (counts.abandoned ?? 0), 0);
  const { slots = 2048, owner = { pid: 812, name: "kamailio", fdUsed: null, fdLimit: null } } = listener;
  return {
    name: listener.name ?? "sip",
    policy: fakePolicy(listener),
    endpoints: [],
    processes: [],
    owner,
    ...{ used, slots, slotsFrom: null, slotsWhere: null },
    fdHeld: owner?.fdUsed ?? null,
    conduct: { ...noCounts(CONDUCTS), leaked },
  };
}

export const OPTIONS: StepOptions = {
  terms: { firstMs: 600_000, factor: 2, maxMs: DAY_MS },
  exemptions: { allow: [], protected: [] },
};

export const EMPTY: JudgeState = initialState({ standings: [], bans: [], histories: [] });

/** A state in which a source is known for a number of connections, since a number of days. */
export function known(source: string, expected: number, days = 7, listener = "sip"): JudgeState {
  const standing = { listener, source, expected, firstSeen: NOW - days * DAY_MS, lastSeen: NOW };
  return initialState({ standings: [standing], bans: [], histories: [] });
}

/** As many addresses as asked for, one in each /24 unless they are to be neighbours. */
export function addresses(
  count: number,
  { neighbours = false }: { readonly neighbours?: boolean } = {},
): string[] {
  return Array.from({ length: count }, (_, i) =>
    neighbours ? `198.51.${100 + Math.floor(i / 250)}.${(i % 250) + 1}` : `10.${i >> 8}.${i & 255}.7`,
  );
}
