// The checked configuration, with every default filled in. Durations in milliseconds, sizes in bytes. Sections common
// to all listeners stand here as in the schema; settings of another shape are named below.

import type { AllowEntry, ListenerPolicy, SourcePrefixes } from "../model/index.ts";
import type { EffectiveValue } from "./effective.ts";
import type { FileValues } from "./schema.ts";
import type { MonitorSettings } from "./schema-service.ts";

/** A probe of a service on a timer. */
export interface MonitorConfig extends Omit<MonitorSettings, "listener"> {
  /** Name of the guarded listener that it probes; null where it probes something else. */
  readonly listener: string | null;
}

interface Shaped {
  readonly stateDir: string;
  readonly socket: string;
  readonly http: { readonly host: string; readonly port: number; readonly tokenFile: string } | null;
  readonly sources: SourcePrefixes;
  /** Null: every listener found is watched, named COMM:PORT, and nothing is enforced. */
  readonly listeners: readonly ListenerPolicy[] | null;
  readonly allow: readonly AllowEntry[];
  readonly monitors: readonly MonitorConfig[];
}

export interface Config extends Omit<FileValues, keyof Shaped>, Shaped {
  /** Every setting by its key, to compare configurations. */
  readonly effective: ReadonlyMap<string, EffectiveValue>;
}
