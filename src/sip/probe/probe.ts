// A probe of a target: look it up, then try its addresses as a client would, or each of them.
//
//   probe()     the first address; the next one only where it does not answer or says 503 (RFC 3263 section 4.3)
//   probeAll()  every address by itself: one dead of four is invisible otherwise

import { type Destination, type LookedUp, literalLookup, lookUp } from "../lookup/lookup.ts";
import { LookupError } from "../lookup/resolver.ts";
import { isAnswer, type Outcome, ProbeError, stateOf } from "../outcome.ts";
import { stopwatchMs } from "../system.ts";
import type { Target } from "../target.ts";
import { tryDestination } from "./attempt.ts";
import { orAborted, withDeadline } from "./deadline.ts";
import { NO_TIMES, type PhaseTimes, withLookup } from "./phase-clock.ts";
import type { Attempt, ProbeOptions, ProbeResult } from "./result.ts";

/** Addresses tried in one probe: each may take the whole deadline. */
const TRIES_MAX = 8;

export async function probe(
  target: Target,
  options: ProbeOptions,
  signal: AbortSignal,
): Promise<ProbeResult> {
  const at = options.wallClockMs();
  const found = await find(target, options, signal);
  if (found.kind === "failed") return lookupFailure(target, at, found);
  const attempts: Attempt[] = [];
  for (const destination of found.lookup.destinations.slice(0, TRIES_MAX)) {
    const attempt = await tryDestination(target, destination, options, signal);
    attempts.push(attempt);
    if (signal.aborted || servesClients(attempt)) break;
  }
  return resultOf(target, at, found, attempts);
}

/** Every address at once; one result each, in the order of the look-up. */
export async function probeAll(
  target: Target,
  options: ProbeOptions,
  signal: AbortSignal,
): Promise<readonly ProbeResult[]> {
  const at = options.wallClockMs();
  const found = await find(target, options, signal);
  if (found.kind === "failed") return [lookupFailure(target, at, found)];
  return Promise.all(
    found.lookup.destinations.map(async (destination: Destination) =>
      resultOf(target, at, found, [await tryDestination(target, destination, options, signal)]),
    ),
  );
}

interface Found {
  readonly kind: "found";
  readonly lookup: LookedUp;
  readonly ms: number;
}

interface NotFound {
  readonly kind: "failed";
  readonly error: ProbeError;
  readonly ms: number;
}

async function find(target: Target, options: ProbeOptions, signal: AbortSignal): Promise<Found | NotFound> {
  const literal = literalLookup(target);
  if (literal !== null) return { kind: "found", lookup: literal, ms: 0 };
  const start = stopwatchMs();
  const took = () => stopwatchMs() - start;
  try {
    const lookup = await withDeadline(options.deadlineMs, signal, (limited) =>
      orAborted(lookUp(target, options.lookup), limited),
    );
    if (lookup !== null) return { kind: "found", lookup, ms: took() };
    return { kind: "failed", error: new ProbeError("lookup-timeout", "lookup", ""), ms: took() };
  } catch (error) {
    if (!(error instanceof LookupError)) throw error;
    return { kind: "failed", error: new ProbeError(error.code, "lookup", error.message, error), ms: took() };
  }
}

/** Whether a client would stay with this address. */
function servesClients({ outcome }: Attempt): boolean {
  return isAnswer(outcome) && outcome !== "unavailable";
}

function resultOf(
  target: Target,
  at: number,
  { lookup, ms }: Found,
  attempts: readonly Attempt[],
): ProbeResult {
  const chosen = best(attempts);
  const failed = attempts.filter((attempt) => attempt !== chosen);
  return {
    at,
    target: target.text,
    phase: chosen.phase,
    outcome: withFailures(chosen.outcome, failed),
    detail: chosen.detail,
    ms: withLookup(chosen.ms, lookup.chain.length === 0 ? null : ms),
    attempt: chosen,
    failed,
    chain: lookup.chain,
  };
}

/** The one with the best state; of those that are equally bad the first, unless it only failed for want of a route. */
function best(attempts: readonly Attempt[]): Attempt {
  const rank = ({ outcome }: Attempt) =>
    ({ up: 0, degraded: 1, down: outcome === "no-route" ? 3 : 2 })[stateOf(outcome)];
  return attempts.reduce((chosen, attempt) => (rank(attempt) < rank(chosen) ? attempt : chosen));
}

/** A machine without IPv6 passes over every IPv6 address: that is no fault of the server's. */
function withFailures(outcome: Outcome, failed: readonly Attempt[]): Outcome {
  const isServers = failed.some((attempt) => attempt.outcome !== "no-route");
  return outcome === "answered" && isServers ? "failed-over" : outcome;
}

function lookupFailure(target: Target, at: number, { error, ms }: NotFound): ProbeResult {
  const times: PhaseTimes = { ...NO_TIMES, lookup: ms, total: ms };
  const { code: outcome, detail } = error;
  return {
    at,
    target: target.text,
    phase: "lookup",
    outcome,
    detail,
    ms: times,
    attempt: null,
    failed: [],
    chain: [],
  };
}
