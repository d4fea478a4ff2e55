// A ban: who is kept off, and which key names it.

import type { RuleName } from "./rule-name.ts";
import { formatNetwork, type Network } from "./source.ts";

/** `ban`: all packets to the guarded ports are dropped. `cap`: new connections are refused, held ones live on. */
export type BanKind = "ban" | "cap";

/** A source kept off a listener until a time. The kernel ends the ban by itself. */
export interface Ban {
  /** A source or a network of sources, masked. */
  readonly source: Network;
  /** Name of the listener; null for every guarded one. */
  readonly listener: string | null;
  readonly kind: BanKind;
  /** Milliseconds since the epoch. */
  readonly since: number;
  readonly until: number;
  /** In plain words, for people. */
  readonly reason: string;
  /** The rule, or the operator, that asked for it. */
  readonly rule: RuleName;
}

/** The key of a ban. At most one ban of a key stands at a time. */
export type BanKey = Pick<Ban, "source" | "listener" | "kind">;

/** Text that is equal for equal keys, for maps. A listener's name comes last, since it may contain anything. */
export function banKeyText({ source, listener, kind }: BanKey): string {
  return `${kind} ${formatNetwork(source)} ${listener ?? ""}`;
}
