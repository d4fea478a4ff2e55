// Runs the doctor: reads the machine once, in the namespace of the service, and judges every check that is wanted.

import { Worker } from "node:worker_threads";
import { isAtLeast, Refusal, type Severity } from "../model/index.ts";
import type { TuneProfile } from "../settings/index.ts";
import { type CheckResult, checkResult, type DoctorCheck } from "./check.ts";
import { DOCTOR_CHECKS } from "./checks.ts";
import type { FactsReply, FactsRequest } from "./facts/facts-worker.ts";
import type { MachineFacts } from "./facts/machine-facts.ts";
import { readHostFacts } from "./facts/read-facts.ts";

export interface DoctorOptions {
  readonly profile: TuneProfile;
  /** Ids of checks; null for all. */
  readonly only: readonly string[] | null;
  /** Only checks whose result is at least as bad; null for all. */
  readonly severity: Severity | null;
  /** Name or pid of the service's network namespace; null for this process's. */
  readonly netns: string | null;
  /** Between the two readings of the counters. */
  readonly seconds: number;
}

export interface Examination {
  /** In the order of the checks. */
  readonly results: readonly CheckResult[];
  /** What this user may not see. */
  readonly hidden: readonly string[];
}

/** The machine could not be read; the message is meant for people. */
export class DoctorError extends Refusal {
  constructor(message: string, cause?: unknown) {
    super(message, cause);
  }
}

/** Reads and judges. `nowMs` is the wall clock. Throws DoctorError when the namespace cannot be entered. */
export async function examine(options: DoctorOptions, nowMs: number): Promise<Examination> {
  const checks = chosenChecks(options.only);
  const seconds = checks.some(({ samples }) => samples) ? options.seconds : 0;
  const facts = await readFacts(options.netns, seconds, nowMs);
  const results = judgeChecks(checks, facts, options.profile);
  return { results: filterResults(results, options.severity), hidden: facts.hidden };
}

/** The checks of these ids, in the list's order. Throws DoctorError for an id that is none. */
export function chosenChecks(only: readonly string[] | null): readonly DoctorCheck[] {
  if (only === null) return DOCTOR_CHECKS;
  const strange = only.find((id) => !DOCTOR_CHECKS.some((check) => check.id === id));
  if (strange !== undefined) throw new DoctorError(`no check ${strange}`);
  return DOCTOR_CHECKS.filter(({ id }) => only.includes(id));
}

/** Pure. */
export function judgeChecks(
  checks: readonly DoctorCheck[],
  facts: MachineFacts,
  profile: TuneProfile,
): CheckResult[] {
  return checks.map((check) => checkResult(check, facts, profile));
}

/** Those that are at least as bad. */
export function filterResults(results: readonly CheckResult[], severity: Severity | null): CheckResult[] {
  if (severity === null) return [...results];
  return results.filter((result) => isAtLeast(result.severity, severity));
}

async function readFacts(netns: string | null, seconds: number, nowMs: number): Promise<MachineFacts> {
  if (netns === null) return readHostFacts(seconds, nowMs);
  // setns moves a whole thread, so another namespace is read in one that ends with it.
  const file = import.meta.url.endsWith(".ts") ? "./facts/facts-worker.ts" : "./facts/facts-worker.js";
  const request: FactsRequest = { netns, seconds, nowMs };
  const worker = new Worker(new URL(file, import.meta.url), { workerData: request });
  const { promise, resolve, reject } = Promise.withResolvers<FactsReply>();
  worker.once("message", resolve).once("error", reject);
  worker.once("exit", () => reject(new DoctorError("the reading thread ended without an answer")));
  const reply = await promise;
  if (reply.kind === "facts") return reply.facts;
  throw new DoctorError(reply.message);
}
