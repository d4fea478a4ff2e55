// The judgement of a value: its verdicts, and the context that a judge gets.

import type { TuneProfile } from "./known-settings.ts";
import type { SysctlLookup } from "./sysctl-values.ts";

export type ValueVerdict = "keep" | "adjust" | "no-op" | "wrong" | "dangerous" | "obsolete";

export interface ValueJudgement {
  readonly verdict: ValueVerdict;
  /** A clause for people, without a full stop. */
  readonly text: string;
}

export interface ValueContext {
  readonly profile: TuneProfile;
  /** Other settings: live, or those of the same file and then the kernel's defaults. */
  readonly lookup: SysctlLookup;
  /** A line of a file fixes a number for machines of every size; a live value is the machine's own. */
  readonly place: "live" | "file";
  /** Null where unknown, as for a file from elsewhere. */
  readonly memoryBytes: number | null;
  readonly pageBytes: number;
}

export type ValueJudge = (values: readonly number[], context: ValueContext) => ValueJudgement;

export type RefusedVerdict = Exclude<ValueVerdict, "keep" | "adjust">;

export interface RefusedJudgement extends ValueJudgement {
  readonly verdict: RefusedVerdict;
}

/** Whether no plan would ever hold the value. */
export function isRefused(judged: ValueJudgement): judged is RefusedJudgement {
  return judged.verdict !== "keep" && judged.verdict !== "adjust";
}

/** Whether the value does harm where it is in force. A refused value that is not harmful does nothing there. */
export function isHarmful({ verdict }: ValueJudgement): boolean {
  return verdict === "dangerous" || verdict === "wrong";
}
