// All messages between the processes of a lab:
//
//   owner  --ToKeeper-->  keeper  --ToWorker-->  worker      (the test, benchmark or drill is the owner)
//   owner  <-FromKeeper-  keeper  <-FromWorker-  worker
//
// The keeper only passes ToWorker and FromWorker on. `id` says which of its children is meant.

import type { Behaviour } from "./behaviours.ts";
import type { ProtocolName } from "./protocols/protocol.ts";

export interface ServerAddress {
  readonly address: string;
  readonly port: number;
}

export type ToKeeper =
  | ({ readonly kind: "spawn"; readonly id: number } & SpawnRequest)
  | { readonly kind: "tell"; readonly id: number; readonly message: ToWorker }
  | { readonly kind: "signal"; readonly id: number; readonly signal: NodeJS.Signals }
  | { readonly kind: "close" };

export interface SpawnRequest {
  readonly argv: readonly string[];
  /** Whether the child is a worker of the lab, with a channel. */
  readonly worker: boolean;
  readonly input?: string;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export type FromKeeper =
  | { readonly kind: "ready" }
  /** `pid` is the process's number as the owner sees it, outside the lab's PID namespace. */
  | { readonly kind: "spawned"; readonly id: number; readonly pid: number }
  | { readonly kind: "refused"; readonly id: number; readonly error: string }
  | {
      readonly kind: "output";
      readonly id: number;
      readonly stream: "stdout" | "stderr";
      readonly chunk: Uint8Array;
    }
  | { readonly kind: "said"; readonly id: number; readonly message: FromWorker }
  | ({ readonly kind: "exited"; readonly id: number } & Exit);

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export type ToWorker =
  | PinTask
  | EchoTask
  | HoldTask
  | HonestTask
  | WatchTask
  | { readonly kind: "count" }
  | { readonly kind: "report" }
  | { readonly kind: "watched?" };

export type FromWorker =
  | { readonly kind: "ready" }
  | ({ readonly kind: "settled" } & Counts)
  | ({ readonly kind: "counted" } & Counts)
  | ({ readonly kind: "reported" } & HonestReport)
  | { readonly kind: "watched"; readonly samples: readonly WatchSample[] };

/** Asks for settings below /proc/sys. Those that this kernel does not have here are left out. */
export interface PinTask {
  readonly kind: "pin";
  readonly settings: Readonly<Record<string, string>>;
}

export type EchoMode = "echo" | "leak";

export interface EchoTask {
  readonly kind: "echo";
  readonly address: string;
  readonly ports: readonly number[];
  readonly backlog: number;
  readonly mode: EchoMode;
  readonly v6only: boolean;
  readonly reusePort: boolean;
  /** How often the server says something to everybody by itself; 0 is never. */
  readonly pushEveryMs: number;
}

/** A worker's part of a population: its connections `first` to `first + count - 1`. */
export interface HoldTask {
  readonly kind: "hold";
  readonly behaviour: Behaviour;
  readonly first: number;
  readonly count: number;
  /** Connection i comes from address i modulo their number, and goes to target i modulo theirs. */
  readonly addresses: readonly string[];
  readonly localPort: number;
  readonly targets: readonly ServerAddress[];
  /** Connections opened a second; 0 is as fast as the concurrency allows. */
  readonly rampPerSecond: number;
  readonly concurrency: number;
  readonly connectTimeoutMs: number;
  readonly intervalMs: number;
  /** Whether a connection that the other side closed is opened again. */
  readonly persistent: boolean;
  /** The text of a talking client; `{n}` becomes a number that no other message of the population has. */
  readonly text: string;
  /** The text that keeps a connection alive. */
  readonly again: string;
}

export interface Counts {
  /** Connections established so far (half-open: SYNs sent). */
  readonly opened: number;
  readonly failed: number;
  /** Connections still open as the clients see it. */
  readonly open: number;
  /** Connections that the other side closed. */
  readonly lost: number;
}

export interface HonestTask {
  readonly kind: "honest";
  readonly protocol: ProtocolName;
  readonly target: ServerAddress;
  readonly addresses: readonly string[];
  readonly callAddresses: readonly string[];
  readonly held: number;
  readonly heldEveryMs: number;
  /** How often a held client joins anew (a phone's registration); null for never. */
  readonly renewEveryMs: number | null;
  /** A held client that is cut comes back at a moment within this time; null if it stays away. */
  readonly reconnectWithinMs: number | null;
  /** 0 for no calls. */
  readonly callEveryMs: number;
  readonly callRetryMs: number | null;
  readonly timeoutMs: number;
}

export interface HonestReport {
  readonly calls: number;
  readonly answered: number;
  readonly failed: number;
  readonly latencyMs: { readonly p50: number; readonly p95: number; readonly max: number };
  /** How many held clients are connected and have joined. */
  readonly heldOpen: number;
  readonly heldCut: number;
  /** How many open clients have waited longer than the timeout for an answer to their last message. */
  readonly heldUnanswered: number;
}

/** Asks to watch the victim from outside the program: with ss, /proc and nft. */
export interface WatchTask {
  readonly kind: "watch";
  readonly port: number;
  /** The server's first process; its descendants are watched too. */
  readonly serverPid: number;
  readonly attackers: readonly string[];
  readonly honest: readonly string[];
  readonly everyMs: number;
  /** Whether to read the table of bans. */
  readonly bans: boolean;
}

export interface WatchSample {
  /** The wall clock with fractions: performance.timeOrigin + performance.now(), comparable between processes. */
  readonly at: number;
  readonly established: number;
  /** How many of the established ones have attackers' addresses. */
  readonly attackers: number;
  readonly honest: number;
  /** The most connections that one of the attackers' sources holds: an IPv4 address, an IPv6 /64. */
  readonly worst: number;
  readonly halfOpen: number;
  readonly leaked: number;
  /** The most descriptors that one of the server's processes has open; null if none could be read. */
  readonly descriptors: number | null;
  /** /proc/net/snmp: handshakes finished since the namespace began. */
  readonly passiveOpens: number;
  /** Elements of the sets of bans and of caps; null if there is no table. */
  readonly bans: number | null;
  readonly caps: number | null;
}
