// The document of `doctor`, as the contract has it: the result of each check, the worst first.

import type { CheckResult } from "../../doctor/index.ts";
import { SEVERITIES, type Severity } from "../../model/index.ts";
import { reaches } from "../severity-option.ts";

export interface DoctorDocument {
  readonly checks: readonly {
    readonly id: string;
    readonly severity: Severity;
    /** Null where the check could not tell. */
    readonly ok: boolean | null;
    readonly text: string;
    readonly read: string;
    /** With the exact lines to write below it; null where there is nothing to do. */
    readonly advice: string | null;
    readonly source: string;
  }[];
}

export function doctorDocument(results: readonly CheckResult[]): DoctorDocument {
  return {
    checks: worstFirst(results).map(({ id, severity, ok, text, read, advice, fix, source }) => ({
      id,
      severity,
      ok,
      text,
      read: read.join("; "),
      advice:
        advice === null && fix.length === 0
          ? null
          : [...(advice === null ? [] : [advice]), ...fix].join("\n"),
      source,
    })),
  };
}

/** Failed checks by severity, then those that could not tell, then the rest; each kind in the order given. */
export function worstFirst(results: readonly CheckResult[]): CheckResult[] {
  const rank = ({ ok, severity }: CheckResult): number =>
    ok === true ? SEVERITIES.length + 1 : ok === null ? SEVERITIES.length : SEVERITIES.indexOf(severity);
  return results.toSorted((a, b) => rank(a) - rank(b));
}

/** Failed checks by severity. */
export function countFailed(results: readonly CheckResult[]): Readonly<Record<Severity, number>> {
  const counts = { critical: 0, warning: 0, notice: 0 };
  for (const { ok, severity } of results) if (ok === false) counts[severity]++;
  return counts;
}

/** Whether any check failed that is at least as bad as `least`. */
export function doctorFailsOn(results: readonly CheckResult[], least: Severity): boolean {
  return reaches(
    results.filter(({ ok }) => ok === false),
    least,
  );
}
