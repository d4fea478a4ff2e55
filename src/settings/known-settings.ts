// The knowledge of 63 settings that decide how many connections a server can hold and for how long: the data behind the
// doctor's checks and the tuner's plans. tcp-settings.json is the list; this file gives it its types.

import data from "./tcp-settings.json" with { type: "json" };

/** The kind of a server's connections; recommendations differ by it. */
export const TUNE_PROFILES = ["mobile", "trunk", "churn"] as const;
export type TuneProfile = (typeof TUNE_PROFILES)[number];

/** A value as the setting's file has it; a text where it is a formula or advice; null to leave the default alone. */
export type SettingValue = number | string | readonly number[] | null;

/** One setting, and what is known of it. */
export interface KnownSetting {
  readonly name: string;
  readonly kind: "sysctl" | "rlimit" | "systemd" | "sockopt" | "netfilter" | "facility" | "app";
  /** For a sysctl the file below /proc/sys; for the others where it is set. */
  readonly path: string;
  readonly unit: string | null;
  /** By kernel version or formula where it is an object. */
  readonly default: unknown;
  /** Begins with "per-netns" where every network namespace has its own. */
  readonly scope: string;
  readonly since: string | null;
  readonly removed: string | null;
  /** The value in the account that the project comes from; null where the account is silent. */
  readonly accountValue: SettingValue;
  readonly verdict:
    | "keep"
    | "adjust"
    | "no-op"
    | "wrong"
    | "dangerous"
    | "obsolete"
    | "missing"
    | "reference";
  readonly verdictNote: string | null;
  readonly why: string;
  readonly recommend: Readonly<Record<TuneProfile, SettingValue>>;
  readonly risk: string | null;
  readonly takesEffect: string | null;
  readonly verify: string | null;
  readonly counters: readonly string[];
  readonly sources: readonly string[];
}

export const KNOWN_SETTINGS: readonly KnownSetting[] = data as readonly KnownSetting[];
