// A check as data: its name, what it reads, how bad a failure is, and the pure function that judges.

import type { Severity } from "../model/index.ts";
import type { TuneProfile } from "../settings/index.ts";
import type { MachineFacts } from "./facts/machine-facts.ts";

export interface DoctorCheck {
  /** For `--only`; a sysctl's check has the sysctl's name. */
  readonly id: string;
  /** When it fails; a verdict may say otherwise. */
  readonly severity: Severity;
  /** What it looks for, as a row of the table in docs/doctor.md. */
  readonly about: string;
  readonly reads: string;
  readonly judge: (facts: MachineFacts, profile: TuneProfile) => CheckVerdict;
  /** What to do when it fails, unless the verdict says it better. */
  readonly advice: string;
  /** Where the knowledge comes from. */
  readonly source: string;
  /** Whether it needs the counters read twice. */
  readonly samples?: true;
}

export type CheckVerdict =
  | { readonly kind: "ok"; readonly text: string; readonly read?: readonly string[] }
  | FailedVerdict
  /** The check could not tell; the text says why. */
  | { readonly kind: "unknown"; readonly text: string; readonly read?: readonly string[] };

export interface FailedVerdict {
  readonly kind: "failed";
  readonly text: string;
  /** What was read, as `PLACE: VALUE`. */
  readonly read: readonly string[];
  readonly advice?: string;
  /** The exact lines to write, with the place first: `FILE: LINE`, or a command. */
  readonly fix?: readonly string[];
  readonly severity?: Severity;
}

export const ok = (text: string, read: readonly string[] = []): CheckVerdict => ({ kind: "ok", text, read });
export const unknown = (text: string, read: readonly string[] = []): CheckVerdict => ({
  kind: "unknown",
  text,
  read,
});
export const failed = (failure: Omit<FailedVerdict, "kind">): FailedVerdict => ({
  kind: "failed",
  ...failure,
});

/** The result of a check. */
export interface CheckResult {
  readonly id: string;
  readonly severity: Severity;
  /** Null where it could not be told. */
  readonly ok: boolean | null;
  readonly text: string;
  readonly read: readonly string[];
  /** Null where there is nothing to do. */
  readonly advice: string | null;
  readonly fix: readonly string[];
  readonly source: string;
}

export function checkResult(check: DoctorCheck, facts: MachineFacts, profile: TuneProfile): CheckResult {
  const verdict = check.judge(facts, profile);
  const { id, source } = check;
  const read = verdict.read ?? [];
  if (verdict.kind !== "failed") {
    const okay = verdict.kind === "ok" ? true : null;
    return {
      id,
      severity: check.severity,
      ok: okay,
      text: verdict.text,
      read,
      advice: null,
      fix: [],
      source,
    };
  }
  const { severity = check.severity, advice = check.advice, fix = [], text } = verdict;
  return { id, severity, ok: false, text, read, advice, fix, source };
}
