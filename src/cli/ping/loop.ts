// The loop of `ping`: probe, show, wait, until the count is reached or someone has seen enough.

import { setTimeout as sleep } from "node:timers/promises";
import { daysUntil, type Outcome, type ProbeResult, probe, probeAll, stateOf } from "../../sip/index.ts";
import { ExitCode, NagiosCode } from "../exit-code.ts";
import type { Paint } from "../output.ts";
import { type PluginReport, pluginReport } from "../plugin-report.ts";
import { pingSummaryDocument, probeDocument } from "./document.ts";
import { pingReport } from "./nagios.ts";
import type { PingPlan } from "./plan.ts";
import { PingStatistics } from "./statistics.ts";
import { outcomeLines, probeLine, summaryLines, verboseLines } from "./text.ts";

export interface PingOutput {
  readonly write: (line: string) => void;
  readonly paint: Paint;
}

/** Runs until the count or the signal, shows the summary, and returns the exit code of the contract. */
export async function pingUntilDone(
  plan: PingPlan,
  output: PingOutput,
  signal: AbortSignal,
): Promise<ExitCode | NagiosCode> {
  const run = new PingRun(plan, output);
  for (let round = 1; plan.count === null || round <= plan.count; round++) {
    const started = performance.now();
    run.take(await probeRound(plan, signal), signal.aborted);
    if (signal.aborted || round === plan.count) break;
    await pause(plan.intervalMs - (performance.now() - started), signal);
    if (signal.aborted) break;
  }
  return run.finish();
}

async function probeRound(plan: PingPlan, signal: AbortSignal): Promise<readonly ProbeResult[]> {
  if (plan.all) return probeAll(plan.target, plan.probe, signal);
  return [await probe(plan.target, plan.probe, signal)];
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0) return;
  await sleep(ms, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}

class PingRun {
  readonly #plan: PingPlan;
  readonly #output: PingOutput;
  readonly #statistics = new PingStatistics();
  #seq = 0;
  #explained: Outcome | null = null;
  #worst: ProbeResult | null = null;
  #certificateDays: number | null = null;

  constructor(plan: PingPlan, output: PingOutput) {
    this.#plan = plan;
    this.#output = output;
  }

  /** A cancelled probe says nothing about the server, unless it was answered in time. */
  take(results: readonly ProbeResult[], calledOff: boolean): void {
    for (const result of results) if (!calledOff || stateOf(result.outcome) !== "down") this.#takeOne(result);
  }

  #takeOne(result: ProbeResult): void {
    this.#seq++;
    this.#statistics.add(result);
    if (this.#worst === null || rank(result) > rank(this.#worst)) this.#worst = result;
    const days = certificateDays(result);
    if (days !== null) this.#certificateDays = Math.min(days, this.#certificateDays ?? days);
    if (this.#plan.quiet) return;
    if (this.#plan.format === "json")
      this.#output.write(JSON.stringify(probeDocument(result, this.#seq, days)));
    if (this.#plan.format === "text") this.#writeText(result, days);
  }

  #writeText(result: ProbeResult, days: number | null): void {
    const { write, paint } = this.#output;
    write(probeLine(result, this.#seq, paint));
    if (this.#plan.verbose) for (const line of verboseLines(result, days, paint)) write(line);
    // The cause is explained once per change: lines tell the rest of the same failures.
    if (result.outcome !== this.#explained)
      for (const line of outcomeLines(result.outcome, paint)) write(line);
    this.#explained = result.outcome;
  }

  finish(): ExitCode | NagiosCode {
    const summary = this.#statistics.summary();
    const { write } = this.#output;
    const { target, format, limits } = this.#plan;
    if (format === "nagios") {
      const { code, line } = this.#report();
      write(line);
      return code;
    }
    if (format === "json") write(JSON.stringify(pingSummaryDocument(target.text, summary)));
    else for (const line of summaryLines(target.text, summary, this.#certificateDays)) write(line);
    const soon = this.#certificateDays !== null && this.#certificateDays < limits.certificateWarnDays;
    if (format === "text" && soon) write("the certificate expires soon");
    return summary.sent > 0 && summary.states.up === summary.sent ? ExitCode.DONE : ExitCode.FAILED;
  }

  #report(): PluginReport {
    if (this.#worst === null)
      return pluginReport("SIP", NagiosCode.UNKNOWN, { text: "stopped before the first answer" });
    const input = {
      worst: this.#worst,
      summary: this.#statistics.summary(),
      certificateDays: this.#certificateDays,
    };
    return pingReport(input, this.#plan.limits);
  }
}

function rank({ outcome }: ProbeResult): number {
  return { up: 0, degraded: 1, down: 2 }[stateOf(outcome)];
}

/** Days left of the certificate that expires first, at the time of the probe. */
function certificateDays({ at, attempt }: ProbeResult): number | null {
  const notAfterMs = attempt?.tls?.notAfterMs ?? null;
  return notAfterMs === null ? null : daysUntil(notAfterMs, at);
}
