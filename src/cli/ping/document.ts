// The JSON of `ping`: one object a probe, one for the summary. Part of the contract: fields are added, never changed.

import { type Attempt, outcomeWords, type PhaseTimes, type ProbeResult, stateOf } from "../../sip/index.ts";
import { DOCUMENT_SCHEMA } from "../output.ts";
import type { PingSummary } from "./statistics.ts";

export function probeDocument(result: ProbeResult, seq: number, certificateDays: number | null): object {
  const { at, target, attempt, phase, outcome, detail, ms, failed } = result;
  const { text, cause, next } = outcomeWords(outcome);
  return {
    schema: DOCUMENT_SCHEMA,
    type: "probe",
    at: new Date(at).toISOString(),
    seq,
    target,
    ...placeOf(attempt),
    phase,
    outcome,
    state: stateOf(outcome),
    code: attempt?.code ?? null,
    reason: attempt?.reason ?? null,
    ms: rounded(ms),
    retransmits: attempt?.retransmits ?? 0,
    strays: attempt?.strays ?? 0,
    certificateDays,
    detail,
    text,
    cause,
    next,
    server: attempt?.answer?.server ?? null,
    contact: attempt?.answer?.contact ?? null,
    retryAfter: attempt?.answer?.retryAfter ?? null,
    seenAs: attempt?.answer?.seenAs ?? null,
    authenticated: attempt?.answer?.authenticated ?? false,
    tls: tlsDocument(attempt),
    failed: failed.map((other) => ({ ...placeOf(other), phase: other.phase, outcome: other.outcome })),
    diagnosis: null,
  };
}

export function pingSummaryDocument(target: string, summary: PingSummary): object {
  const { min, avg, p95, max, mdev, ...counts } = summary;
  const times = {
    min: rounded1(min),
    avg: rounded1(avg),
    p95: rounded1(p95),
    max: rounded1(max),
    mdev: rounded1(mdev),
  };
  return { schema: DOCUMENT_SCHEMA, type: "summary", target, ...counts, ...times };
}

function placeOf(attempt: Attempt | null): object {
  const { address = null, port = null, transport = null } = attempt?.destination ?? {};
  return { address, port, transport };
}

function tlsDocument(attempt: Attempt | null): object | null {
  const tls = attempt?.tls ?? null;
  if (tls === null) return null;
  const notAfter = tls.notAfterMs === null ? null : new Date(tls.notAfterMs).toISOString();
  return { version: tls.version, names: tls.names, notAfter, problem: tls.problem, warning: tls.warning };
}

function rounded(ms: PhaseTimes): Readonly<Record<string, number | null>> {
  return Object.fromEntries(Object.entries(ms).map(([phase, value]) => [phase, rounded1(value)]));
}

/** To a microsecond: further digits say nothing. */
function rounded1(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms * 1000) / 1000;
}
