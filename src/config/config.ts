// The checked configuration, with every default filled in. Durations in milliseconds, sizes in bytes.

import type { AllowEntry, BackendChoice, ListenerPolicy, SourcePrefixes } from "../model/index.ts";

export interface Config {
  readonly mode: "observe" | "enforce";
  readonly stateDir: string;
  readonly socket: string;
  readonly http: { readonly host: string; readonly port: number; readonly tokenFile: string } | null;
  readonly sources: SourcePrefixes;
  /** Null: every listener found is watched, named COMM:PORT, and nothing is enforced. */
  readonly listeners: readonly ListenerPolicy[] | null;
  readonly allow: readonly AllowEntry[];
  readonly ban: {
    readonly firstMs: number;
    readonly factor: number;
    readonly maxMs: number;
    readonly action: "drop" | "reject";
  };
  readonly enforce: {
    readonly backend: BackendChoice;
    readonly fence: boolean;
    readonly evictPerSecond: number;
    readonly onStop: "remove" | "keep";
  };
  readonly scan: { readonly everyMs: number /** Share of one core, 0..1. */; readonly cpuBudget: number };
  readonly retention: { readonly ledgerMs: number; readonly historyMs: number };
  readonly monitors: readonly MonitorConfig[];
}

/** A probe of a service on a timer. */
export interface MonitorConfig {
  readonly name: string;
  /** As `sockwarden ping` takes it: sip:HOST[:PORT][;transport=...]. */
  readonly target: string;
  readonly everyMs: number;
  readonly timeoutMs: number;
  /** Name of the guarded listener that it goes to; null where it is elsewhere. */
  readonly listener: string | null;
}
