// The text of `ping` for people, modelled on ping(8): a line a probe, statistics at the end. Pure.

import {
  type Attempt,
  type Outcome,
  outcomeWords,
  type Phase,
  type ProbeResult,
  stateOf,
} from "../../sip/index.ts";
import type { Paint } from "../output.ts";
import type { PingSummary } from "./statistics.ts";

const STATE_STYLES = { up: "green", degraded: "yellow", down: "red" } as const;
const SHOWN_PHASES: readonly (readonly [Phase, string])[] = [
  ["lookup", "lookup"],
  ["connect", "connect"],
  ["tls", "TLS"],
  ["ws", "WebSocket"],
  ["response", "response"],
];

/** `3: 200 OK from tcp 192.0.2.1:5060: connect 0.4, response 1.2 = 1.6 ms`, with anything unusual behind it. */
export function probeLine(result: ProbeResult, seq: number, paint: Paint): string {
  const { outcome, attempt } = result;
  const state = stateOf(outcome);
  const head = paint(STATE_STYLES[state], answerText(result));
  const where = attempt === null ? "" : ` from ${destinationText(attempt)}`;
  const notes = notesOf(result);
  return `${seq}: ${head}${where}: ${timesText(result)}${notes.length === 0 ? "" : paint("dim", ` (${notes.join("; ")})`)}`;
}

function answerText({ outcome, attempt, detail }: ProbeResult): string {
  const { code = null, reason = null } = attempt ?? {};
  const response = code === null || outcome === "ws-http" ? "" : `${code}${reason ? ` ${reason}` : ""}`;
  if (outcome === "answered") return response || "pong";
  const label = detail === "" ? outcome : `${outcome} ${detail}`;
  return response === "" ? label : `${response}, ${label}`;
}

/** The usual cause of the outcome and the next step, shown at its first occurrence. Empty for plain outcomes. */
export function outcomeLines(outcome: Outcome, paint: Paint): readonly string[] {
  const { text, cause, next } = outcomeWords(outcome);
  if (cause === "") return [];
  const lines = [`   ${text}`, `   likely: ${cause}`];
  return (next === "" ? lines : [...lines, `   next: ${next}`]).map((line) => paint("dim", line));
}

export function destinationText({ destination }: Attempt): string {
  const { transport, address, port } = destination;
  return `${transport} ${address.includes(":") ? `[${address}]` : address}:${port}`;
}

function timesText({ ms }: ProbeResult): string {
  const phases = SHOWN_PHASES.flatMap(([phase, name]) =>
    ms[phase] === null ? [] : [`${name} ${msText(ms[phase])}`],
  );
  return `${phases.join(", ")} = ${msText(ms.total ?? 0)} ms`;
}

function notesOf({ attempt, failed }: ProbeResult): readonly string[] {
  const notes: string[] = failed.map((f) => `${destinationText(f)} ${f.outcome}`);
  if (attempt === null) return notes;
  const { answer, tls, retransmits, strays } = attempt;
  if (retransmits > 0) notes.push(`sent ${retransmits + 1} times`);
  if (strays > 0) notes.push(`${strays} answers to something else`);
  if (answer?.authenticated)
    notes.push(answer.nonceRenewed ? "authenticated, nonce was stale" : "authenticated");
  if (answer?.seenAs) notes.push(`seen as ${answer.seenAs}`);
  if (answer?.retryAfter) notes.push(`retry after ${answer.retryAfter}`);
  if (attempt.outcome === "redirect" && answer?.contact) notes.push(`to ${answer.contact}`);
  if (answer?.bindingRemoved === false) notes.push("its binding could not be removed and expires in 60 s");
  if (tls?.problem) notes.push(`tolerated: ${tls.problem}`);
  if (tls?.warning) notes.push(tls.warning);
  return notes;
}

/** More of one probe, for --verbose. */
export function verboseLines(
  { chain, attempt }: ProbeResult,
  days: number | null,
  paint: Paint,
): readonly string[] {
  const { answer = null, tls = null } = attempt ?? {};
  const lines = chain.map((step) => `look-up: ${step}`);
  if (tls !== null)
    lines.push(
      `${tls.version}, certificate for ${tls.names.join(", ") || "no name"}, ${days ?? "?"} days left`,
    );
  if (answer?.server) lines.push(`server: ${answer.server}`);
  if (answer?.warning) lines.push(`warning: ${answer.warning}`);
  return lines.map((line) => paint("dim", `   ${line}`));
}

export function summaryLines(target: string, summary: PingSummary, days: number | null): readonly string[] {
  const { sent, answered, lost, states, outcomes, min, avg, p95, max, mdev } = summary;
  const loss = sent === 0 ? 0 : Math.round((100 * lost) / sent);
  const lines = [
    `--- ${target} statistics ---`,
    `${sent} sent, ${answered} answered, ${lost} lost (${loss}%); ${states.up} up, ${states.degraded} degraded, ${states.down} down`,
  ];
  const unusual = Object.entries(outcomes).filter(([outcome]) => outcome !== "answered");
  if (unusual.length > 0) lines.push(unusual.map(([outcome, count]) => `${outcome} ${count}`).join(", "));
  if (min !== null)
    lines.push(
      `total min/avg/p95/max/mdev = ${[min, avg, p95, max, mdev].map((v) => msText(v ?? 0)).join("/")} ms`,
    );
  if (days !== null) lines.push(`certificate: ${days} days left`);
  return lines;
}

/** Milliseconds with three significant digits: 0.42, 12.3, 1234. */
export function msText(ms: number): string {
  return ms < 10 ? ms.toFixed(2) : ms < 100 ? ms.toFixed(1) : ms.toFixed(0);
}
