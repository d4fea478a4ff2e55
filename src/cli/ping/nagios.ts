// The result as a monitoring plugin says it: one line, performance data and the code. UNKNOWN is for wrong usage alone:
// a server that does not answer is known to be down. Pure.

import { outcomeWords, type ProbeResult, stateOf } from "../../sip/index.ts";
import { NagiosCode } from "../exit-code.ts";
import { type PluginReport, pluginReport } from "../plugin-report.ts";
import type { PingSummary } from "./statistics.ts";
import { destinationText, msText } from "./text.ts";

export interface NagiosLimits {
  /** Milliseconds of the average total time. */
  readonly warningMs: number | null;
  readonly criticalMs: number | null;
  readonly certificateWarnDays: number;
  readonly certificateCritDays: number;
}

export interface NagiosInput {
  /** The worst probe of the run, which the line tells. */
  readonly worst: ProbeResult;
  readonly summary: PingSummary;
  readonly certificateDays: number | null;
}

export function pingReport(input: NagiosInput, limits: NagiosLimits): PluginReport {
  const performance = performanceData(input, limits);
  return pluginReport("SIP", codeOf(input, limits), { text: describe(input), performance });
}

function codeOf({ worst, summary, certificateDays }: NagiosInput, limits: NagiosLimits): NagiosCode {
  const state = stateOf(worst.outcome);
  const over = (limit: number | null) => limit !== null && (summary.avg ?? 0) > limit;
  const daysBelow = (limit: number) => certificateDays !== null && certificateDays < limit;
  if (state === "down" || over(limits.criticalMs) || daysBelow(limits.certificateCritDays))
    return NagiosCode.CRITICAL;
  if (state === "degraded" || over(limits.warningMs) || daysBelow(limits.certificateWarnDays))
    return NagiosCode.WARNING;
  return NagiosCode.OK;
}

function describe({ worst, summary, certificateDays }: NagiosInput): string {
  const { attempt, outcome, phase, detail } = worst;
  const response = attempt?.code == null ? "" : `${attempt.code} ${attempt.reason ?? ""}`.trim();
  const said =
    outcome === "answered"
      ? response || "pong"
      : [response, outcomeWords(outcome).text, detail].filter((t) => t !== "").join(", ");
  const where = attempt === null ? "" : ` from ${destinationText(attempt)}`;
  const time = summary.avg === null ? ` in phase ${phase}` : ` in ${msText(summary.avg)} ms`;
  const days = certificateDays === null ? "" : `, certificate ${certificateDays} days`;
  return `${said}${where}${time}${days}`;
}

function performanceData({ worst, summary, certificateDays }: NagiosInput, limits: NagiosLimits): string {
  const loss = summary.sent === 0 ? 100 : (100 * summary.lost) / summary.sent;
  const items = [`loss=${Math.round(loss)}%;;;0;100`, `retransmits=${worst.attempt?.retransmits ?? 0}`];
  if (summary.avg !== null)
    items.unshift(`rtt=${seconds(summary.avg)}s;${limit(limits.warningMs)};${limit(limits.criticalMs)};0`);
  for (const phase of ["lookup", "connect", "tls", "ws", "response"] as const) {
    const ms = worst.ms[phase];
    if (ms !== null) items.push(`${phase}=${seconds(ms)}s`);
  }
  // `21:` is the plugin guidelines' range for "warn below 21".
  if (certificateDays !== null)
    items.push(`cert=${certificateDays};${limits.certificateWarnDays}:;${limits.certificateCritDays}:`);
  return items.join(" ");
}

function limit(ms: number | null): string {
  return ms === null ? "" : seconds(ms);
}

function seconds(ms: number): string {
  return String(Math.round(ms * 1000) / 1_000_000);
}
