// The checked configuration, with every default filled in. Durations in milliseconds, sizes in bytes. A setting of a section
// that is the same for all listeners stands here as in the schema; what takes another shape is named below.

import type { AllowEntry, ListenerPolicy, SourcePrefixes } from "../model/index.ts";
import type { EffectiveValue } from "./effective.ts";
import type { FileValues } from "./schema.ts";
import type { MonitorSettings } from "./schema-service.ts";

/** A probe of a service on a timer. */
export interface MonitorConfig extends Omit<MonitorSettings, "listener"> {
  /** Name of the guarded listener that it goes to; null where it is elsewhere. */
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
  /** Every setting by its key, to be compared with those of another configuration. */
  readonly effective: ReadonlyMap<string, EffectiveValue>;
}
