// The doctor's facts of the socket table, from two readings: the census of who holds what, and the timers of
// established sockets, which no census keeps.

import { EVERYTHING, largestSources, openScanner } from "../../census/index.ts";
import { NetlinkProtocol, noLosses, openNetlinkSocket, SockDiag, SocketTable } from "../../linux/index.ts";
import { formatAddress, holdingCount, TcpState } from "../../model/index.ts";

export interface SocketFacts {
  readonly listeners: readonly ListenerFacts[];
  /** How many established connections to listeners each address has. */
  readonly peers: ReadonlyMap<string, number>;
}

export interface ListenerFacts {
  readonly name: string;
  readonly ports: readonly number[];
  readonly pids: readonly number[];
  /** The fullest of its accept queues. */
  readonly queue: { readonly used: number; readonly limit: number };
  readonly connections: number;
  readonly silent: number;
  /** Who holds most of it. */
  readonly largest: { readonly source: string; readonly connections: number; readonly silent: number } | null;
  /** Established connections with nothing in flight: by SO_KEEPALIVE each of them has a running timer. */
  readonly quiet: number;
  readonly quietWithoutKeepalive: number;
  /** The peer takes no data (window probes) and has sent none for a minute. */
  readonly zeroWindow: number;
}

/** inet_diag_msg.idiag_timer */
const TIMER_NONE = 0;
const TIMER_PROBE = 4;
const ZERO_WINDOW_MS = 60_000;

/** Reads in the calling thread's namespace. `nowMs` is the wall clock. Throws ScanError or NetlinkError. */
export async function readSocketFacts(nowMs: number): Promise<SocketFacts> {
  await using scanner = openScanner({ netns: null, thread: "inline" });
  const census = await scanner.scan({ ...EVERYTHING, silentForMs: 30_000 }, nowMs);
  const ports = census.listeners.flatMap(({ endpoints }) => endpoints.map(({ port }) => port));
  const timers = readTimers(new Set(ports));
  const sources = largestSources(census, null);
  const listeners = census.listeners.map((listener) => {
    const own = [...new Set(listener.endpoints.map(({ port }) => port))];
    const holders = sources.filter(({ listeners: held }) => (held[listener.name] ?? 0) > 0);
    const largest = holders.reduce<(typeof holders)[number] | null>(
      (most, next) =>
        most === null || next.listeners[listener.name]! > most.listeners[listener.name]! ? next : most,
      null,
    );
    const { conduct } = listener;
    return {
      name: listener.name,
      ports: own,
      pids: listener.processes.map(({ pid }) => pid),
      queue: listener.endpoints.reduce((most, { backlog }) => (backlog.used >= most.used ? backlog : most), {
        used: 0,
        limit: 0,
      }),
      connections: holdingCount(conduct),
      silent: conduct.silent,
      largest:
        largest === null
          ? null
          : {
              source: largest.source,
              connections: largest.listeners[listener.name]!,
              // Exact where the source uses one listener, at most this otherwise.
              silent: Math.min(largest.conduct.silent, largest.listeners[listener.name]!),
            },
      ...timers.of(own),
    };
  });
  return { listeners, peers: timers.peers };
}

interface PortTimers {
  quiet: number;
  quietWithoutKeepalive: number;
  zeroWindow: number;
}

function readTimers(ports: ReadonlySet<number>): {
  readonly of: (ports: readonly number[]) => PortTimers;
  readonly peers: ReadonlyMap<string, number>;
} {
  const table = new SocketTable();
  if (ports.size > 0) {
    using transport = openNetlinkSocket(NetlinkProtocol.SOCK_DIAG);
    const wanted = { states: [TcpState.ESTABLISHED], ports: null, info: true };
    new SockDiag(transport).dump(wanted, table, noLosses());
  }
  const byPort = new Map<number, PortTimers>();
  const peers = new Map<string, number>();
  for (let row = 0; row < table.length; row++) {
    const port = table.localPort[row]!;
    if (!ports.has(port)) continue;
    const timers = byPort.get(port) ?? { quiet: 0, quietWithoutKeepalive: 0, zeroWindow: 0 };
    byPort.set(port, timers);
    countTimer(table, row, timers);
    const words = table.remote.slice(4 * row, 4 * row + 4);
    const address = formatAddress(new Uint8Array(words.buffer));
    peers.set(address, (peers.get(address) ?? 0) + 1);
  }
  const of = (own: readonly number[]): PortTimers => {
    const sum = { quiet: 0, quietWithoutKeepalive: 0, zeroWindow: 0 };
    for (const port of own) {
      const timers = byPort.get(port);
      if (timers === undefined) continue;
      sum.quiet += timers.quiet;
      sum.quietWithoutKeepalive += timers.quietWithoutKeepalive;
      sum.zeroWindow += timers.zeroWindow;
    }
    return sum;
  };
  return { of, peers };
}

function countTimer(table: SocketTable, row: number, timers: PortTimers): void {
  const timer = table.timer[row]!;
  if (timer === TIMER_PROBE && table.lastDataReceivedMs[row]! > ZERO_WINDOW_MS) timers.zeroWindow++;
  // A socket gets its options only when a program accepts it.
  if (table.unacked[row] !== 0 || table.inode[row] === 0) return;
  timers.quiet++;
  if (timer === TIMER_NONE) timers.quietWithoutKeepalive++;
}
