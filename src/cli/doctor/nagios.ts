// The one line of a monitoring plugin, with its exit code. Critical and warning are the checks' own, notices are fine,
// and unknown means that not one check could tell.

import type { CheckResult } from "../../doctor/index.ts";
import { NagiosCode } from "../exit-code.ts";
import { type PluginReport, pluginReport } from "../plugin-report.ts";
import { printable } from "../text/foreign.ts";
import { countFailed, worstFirst } from "./document.ts";

export function doctorReport(results: readonly CheckResult[]): PluginReport {
  const { critical, warning, notice } = countFailed(results);
  const failed = worstFirst(results).filter(({ ok, severity }) => ok === false && severity !== "notice");
  const unknown = results.filter(({ ok }) => ok === null).length;
  const text =
    failed.length === 0
      ? `${results.length - unknown} checks`
      : failed.map(({ id }) => printable(id)).join(", ");
  const performance = `critical=${critical} warning=${warning} notice=${notice} unknown=${unknown}`;
  return pluginReport("DOCTOR", codeOf(results), { text, performance });
}

function codeOf(results: readonly CheckResult[]): NagiosCode {
  const { critical, warning } = countFailed(results);
  if (critical > 0) return NagiosCode.CRITICAL;
  if (warning > 0) return NagiosCode.WARNING;
  return results.some(({ ok }) => ok !== null) ? NagiosCode.OK : NagiosCode.UNKNOWN;
}
