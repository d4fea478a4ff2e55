// A census for golden tests: the server of the account, under attack.

import type { Census, CountedListener } from "../../census/index.ts";
import { SlotBook } from "../../census/index.ts";
import { CONDUCTS, type Conduct, DEFAULT_SOURCE_PREFIXES, parseAddress } from "../../model/index.ts";

export interface FakeRow {
  readonly listener: number;
  readonly source: string;
  readonly conduct: Partial<Record<Conduct, number>>;
}

/** A census with these listeners and rows; each listener's conduct is the sum of its rows. */
export function fakeCensus(
  listeners: readonly Omit<CountedListener, "conduct">[],
  rows: readonly FakeRow[],
  different: Partial<Census> = {},
): Census {
  const counts = rows.map(({ conduct }) => CONDUCTS.map((name) => conduct[name] ?? 0));
  const words = rows.map(({ source }) => new Uint32Array(parseAddress(source)!.slice().buffer));
  const sum = (listener: number, i: number): number =>
    rows.reduce((total, row, k) => total + (row.listener === listener ? counts[k]![i]! : 0), 0);
  const counted = listeners.map((listener, k) => ({
    ...listener,
    conduct: Object.fromEntries(CONDUCTS.map((name, i) => [name, sum(k, i)])) as Record<Conduct, number>,
  }));
  const slots = new SlotBook(() => null).follow(
    counted.map((listener) => ({ ...listener, configured: null })),
    0,
  );
  return {
    takenAt: Date.UTC(2026, 10, 22, 15, 4, 5),
    scanMs: 5.12,
    sockets: counts.flat().reduce((total, n) => total + n, 4),
    outbound: 4,
    listeners: counted.map((listener, k) => ({ ...listener, ...slots[k]!.use })),
    rows: {
      length: rows.length,
      listener: Uint32Array.from(rows, ({ listener }) => listener),
      source: Uint32Array.from(words.flatMap((four) => [...four])),
      counts: Uint32Array.from(counts.flat()),
    },
    prefixes: DEFAULT_SOURCE_PREFIXES,
    holders: null,
    hiddenProcesses: 0,
    losses: { truncated: 0, foreign: 0, unexpected: 0, malformed: 0, full: 0 },
    consistent: true,
    ...different,
  };
}

const kamailio = (pid: number, fdUsed: number) => ({ pid, name: "kamailio", fdUsed, fdLimit: 1024 });

/** Kamailio near its descriptor limit: one address holds 684 silent connections; an office, a trunk, single phones. */
export function attackedServer(different: Partial<Census> = {}): Census {
  const listeners = [
    {
      name: "kamailio:5060",
      endpoints: [
        { address: "198.51.100.1", port: 5060, backlog: { used: 5, limit: 1024 } },
        { address: "2001:db8::1", port: 5060, backlog: { used: 0, limit: 1024 } },
      ],
      processes: [kamailio(812, 30), kamailio(830, 1019)],
    },
    {
      name: "sshd:22",
      endpoints: [{ address: "::", port: 22, backlog: { used: 0, limit: 128 } }],
      processes: [{ pid: 655, name: "sshd", fdUsed: 9, fdLimit: Number.POSITIVE_INFINITY }],
    },
    {
      name: "?:8080",
      endpoints: [{ address: "0.0.0.0", port: 8080, backlog: { used: 0, limit: 511 } }],
      processes: [],
    },
  ];
  const phones = Array.from({ length: 12 }, (_, i) => ({
    listener: 0,
    source: `192.0.2.${10 + i}`,
    conduct: { active: 1 },
  }));
  const rows: FakeRow[] = [
    { listener: 0, source: "203.0.113.77", conduct: { silent: 684, halfOpen: 3 } },
    { listener: 0, source: "198.51.100.20", conduct: { active: 40, idle: 3 } },
    { listener: 1, source: "198.51.100.20", conduct: { active: 2 } },
    { listener: 0, source: "2001:db8:7::", conduct: { stalled: 2, leaked: 1, queued: 5, closing: 9 } },
    ...phones,
  ];
  return fakeCensus(listeners, rows, different);
}
