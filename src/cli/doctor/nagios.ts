// The one line of a monitoring plugin, with its exit code: critical and warning as the checks have it, notices are fine,
// and where not one check could be told it is unknown.

import type { CheckResult } from "../../doctor/index.ts";
import { NagiosCode } from "../exit-code.ts";
import { printable } from "../text/foreign.ts";
import { countFailed, worstFirst } from "./document.ts";

const WORDS = ["OK", "WARNING", "CRITICAL", "UNKNOWN"] as const;

export function nagiosCode(results: readonly CheckResult[]): number {
  const { critical, warning } = countFailed(results);
  if (critical > 0) return NagiosCode.CRITICAL;
  if (warning > 0) return NagiosCode.WARNING;
  return results.some(({ ok }) => ok !== null) ? NagiosCode.OK : NagiosCode.UNKNOWN;
}

export function nagiosLine(results: readonly CheckResult[]): string {
  const { critical, warning, notice } = countFailed(results);
  const failed = worstFirst(results).filter(({ ok, severity }) => ok === false && severity !== "notice");
  const unknown = results.filter(({ ok }) => ok === null).length;
  const said =
    failed.length === 0
      ? `${results.length - unknown} checks`
      : failed.map(({ id }) => printable(id)).join(", ");
  // A bar begins the performance data, so none may come before it.
  const text = `DOCTOR ${WORDS[nagiosCode(results)]} - ${said}`.replaceAll("|", "/");
  return `${text} | critical=${critical} warning=${warning} notice=${notice} unknown=${unknown}`;
}
