// Observations for tests: a calm SIP server, and how to make it worse.

import type { ListeningProcess } from "../../census/index.ts";
import { headroomOf, SlotBook } from "../../census/index.ts";
import {
  CONDUCTS,
  type ConductCounts,
  type ConnectionLimit,
  PROOFS,
  type ProofCounts,
} from "../../model/index.ts";
import type {
  ListenerObservation,
  Observation,
  OwnerObservation,
  SourceObservation,
} from "../observation.ts";
import { countOfProofs, neverSpoke } from "../shown.ts";

export function proofs(counts: Partial<ProofCounts> = {}): ProofCounts {
  const none = Object.fromEntries(PROOFS.map((name) => [name, 0]));
  return { ...none, ...counts } as ProofCounts;
}

export function conduct(counts: Partial<ConductCounts> = {}): ConductCounts {
  const none = Object.fromEntries(CONDUCTS.map((name) => [name, 0]));
  return { ...none, ...counts } as ConductCounts;
}

export interface MadeUpSource {
  readonly source: string;
  /** What its accepted connections have shown, and those in the accept queue. */
  readonly accepted?: Partial<ProofCounts>;
  readonly waiting?: Partial<ProofCounts>;
  readonly pingsBefore?: number;
  readonly grew?: number;
  readonly halfOpen?: number;
  readonly closing?: number;
}

export function source({
  grew = 0,
  halfOpen = 0,
  closing = 0,
  pingsBefore = 0,
  ...made
}: MadeUpSource): SourceObservation {
  const accepted = proofs(made.accepted);
  const waiting = proofs(made.waiting);
  const connections = countOfProofs(accepted) + countOfProofs(waiting);
  return {
    source: made.source,
    connections,
    connectionsBefore: connections - grew,
    halfOpen,
    closing,
    accepted,
    waiting,
    pingsBefore,
  };
}

/** `many` sources like the one that `make` makes for each number from 1, addresses included. */
export function sources(
  many: number,
  make: (n: number) => Omit<MadeUpSource, "source">,
): SourceObservation[] {
  return Array.from({ length: many }, (_, i) =>
    source({ source: `198.51.${100 + (i >> 8)}.${i & 255}`, ...make(i + 1) }),
  );
}

/** One connection each, in use. */
export const phones = (many: number): SourceObservation[] =>
  sources(many, () => ({ accepted: { proven: 1 } }));

export interface MadeUp {
  readonly sources?: readonly SourceObservation[];
  readonly listener?: Partial<ListenerObservation>;
  readonly owner?: Partial<OwnerObservation> | null;
  readonly descriptors?: Partial<NonNullable<OwnerObservation["descriptors"]>>;
  /** The limit that the program sets itself. */
  readonly programLimit?: ConnectionLimit;
  readonly rose?: Readonly<Record<string, number>>;
  readonly observation?: Partial<Observation>;
  readonly kernel?: Partial<Observation["kernel"]>;
}

/** Kamailio with 300 phones, 1 024 descriptors and an hour of age, watched for 5 s; the rest follows from the sources. */
export function observe(made: MadeUp = {}): Observation {
  const everybody = [...(made.sources ?? phones(300))].sort((a, b) => b.connections - a.connections);
  const sum = (of: (one: SourceObservation) => number): number =>
    everybody.reduce((total, one) => total + of(one), 0);
  const all = (of: (one: SourceObservation) => ProofCounts): ProofCounts =>
    Object.fromEntries(PROOFS.map((name) => [name, sum((one) => of(one)[name])])) as ProofCounts;
  const accepted = all(({ accepted }) => accepted);
  const waiting = all(({ waiting }) => waiting);
  const connections = sum((one) => one.connections);
  const connectionsBefore = sum((one) => one.connectionsBefore);
  const queued = countOfProofs(waiting);
  const held = connections - queued;
  const seen = conduct({
    active: held - accepted.leaked - neverSpoke(accepted),
    silent: neverSpoke(accepted),
    queued: queued - waiting.abandoned,
    leaked: accepted.leaked + waiting.abandoned,
    halfOpen: sum((one) => one.halfOpen),
    closing: sum((one) => one.closing),
  });
  const owner: OwnerObservation = {
    pid: 812,
    name: "kamailio",
    descriptors: { used: held + 14, usedBefore: held + 14, soft: 1024, hard: 524_288, ...made.descriptors },
    limitOrigin: { unit: "kamailio.service", unitLimit: null, pamLimit: null },
    state: "S",
    ageMs: 3_600_000,
    cpuShare: 0.02,
    ...made.owner,
  };
  const seconds = 5;
  const processes = made.owner === null ? [] : [processOf(owner)];
  const listener = {
    name: "kamailio:5060",
    processes,
    conduct: conduct({ active: held, queued }),
    configured: null,
  };
  const [slots] = new SlotBook(() => made.programLimit ?? null).follow([listener], 0);
  return {
    seconds,
    listeners: [
      {
        name: "kamailio:5060",
        port: 5060,
        owner: made.owner === null ? null : owner,
        headroom: headroomOf(slots!.use, (connections - connectionsBefore) / seconds),
        programLimit: slots!.programLimit,
        connections,
        connectionsBefore,
        conduct: seen,
        conductBefore: seen,
        accepted,
        waiting,
        sources: everybody,
        backlog: { used: 0, usedBefore: 0, limit: 1024 },
        normalSilenceMs: 120_000,
        ...made.listener,
      },
    ],
    kernel: {
      rose: new Map(Object.entries(made.rose ?? {})),
      conntrack: null,
      openFiles: { used: 4000, limit: 2_000_000 },
      tcpMemory: { used: 100, limit: 100_000 },
      ...made.kernel,
    },
    history: null,
    ...made.observation,
  };
}

function processOf({ pid, name, descriptors }: OwnerObservation): ListeningProcess {
  return { pid, name, fdUsed: descriptors?.used ?? null, fdLimit: descriptors?.soft ?? null };
}
