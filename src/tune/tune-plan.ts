// A plan: changes, with everything that is said beside them. Values only.

import type { RefusedJudgement, TuneProfile } from "../settings/index.ts";
import type { Sum } from "./sizing.ts";

/** A recommendation that is not written. */
export interface Advice {
  readonly what: string;
  readonly text: string;
}

/** One line of the diff; its first six fields are the contract of `tune plan --json`. */
export interface TuneChange {
  /** The setting's name, or `LimitNOFILE of UNIT`. */
  readonly what: string;
  /** Null where nothing is known to be in force. */
  readonly live: string | null;
  readonly wanted: string;
  readonly why: string;
  readonly bites: string;
  readonly risk: string;
  readonly target:
    | { readonly kind: "sysctl"; readonly name: string }
    | { readonly kind: "limit"; readonly unit: string };
}

/** A value found on this machine that a plan would never hold. */
export interface RefusedValue {
  readonly what: string;
  readonly value: string;
  /** FILE:LINE, or `live`. */
  readonly where: string;
  /** The verdict on the value, as the doctor has it. */
  readonly kind: RefusedJudgement["verdict"];
  readonly why: string;
}

/** A line that has the last word at the next boot, or at the unit's next start, and says something else. */
export interface Override {
  readonly what: string;
  readonly wanted: string;
  readonly value: string;
  readonly where: string;
}

export interface TunePlan {
  readonly profile: TuneProfile;
  readonly connections: number;
  readonly connectionsFrom: "given" | "held now" | "unknown";
  readonly perSecond: number;
  readonly changes: readonly TuneChange[];
  readonly arithmetic: readonly Sum[];
  readonly advice: readonly Advice[];
  readonly refused: readonly RefusedValue[];
  readonly overrides: readonly Override[];
}
