// Joins a probe that failed with what the guard last saw of the listener it went to. The probe knows in which phase it
// ended, the guard knows descriptors, slots, accept queues and sources: together they name the cause. Pure.

import type { Pressure } from "../../model/index.ts";
import { isAnswer, type Outcome, type Phase } from "../../sip/index.ts";

/** What the guard last saw of a listener. */
export interface ListenerView {
  readonly name: string;
  readonly pressure: Pressure;
  /** How many connections its owner can hold; null where nothing says. */
  readonly slots: number | null;
  readonly used: number;
  readonly fdUsed: number | null;
  readonly fdLimit: number | null;
  /** Of every listening socket; none where nothing listens. */
  readonly backlogs: readonly { readonly used: number; readonly limit: number }[];
  /** How many processes own its listening sockets. */
  readonly processes: number;
  /** Bans and caps in force for it. */
  readonly activeBans: number;
  /** The text of the latest finding about a hoard that goes on; null where there is none. */
  readonly hoard: string | null;
}

/** In the order in which they are looked for. */
export type DiagnosisCause =
  | "process-gone"
  | "out-of-descriptors"
  | "slots-full"
  | "accept-queue-full"
  | "not-accepting"
  | "hoard"
  | "nothing-local";

export interface ProbeDiagnosis {
  readonly cause: DiagnosisCause;
  readonly text: string;
}

/** How a probe ended. */
export interface ProbeEnd {
  readonly outcome: Outcome;
  readonly phase: Phase;
}

/** Descriptors left with which a program is as good as out of them: it needs some for a moment. */
const FD_LEFT = 2;

/** Null for a probe that was well answered, and for a listener that the guard does not know. */
export function diagnoseFailure(probe: ProbeEnd, view: ListenerView | null): ProbeDiagnosis | null {
  if (view === null || probe.outcome === "answered" || probe.outcome === "redirect") return null;
  if (!isAboutListener(probe))
    return { cause: "nothing-local", text: `the listener is not the cause${LOOK_UP}` };
  return (
    processGone(view) ??
    outOfDescriptors(view) ??
    slotsFull(view) ??
    acceptQueue(view, probe) ??
    hoardInProgress(view) ??
    nothingLocal(view)
  );
}

const LOOK_UP = ": the probe ended before it reached the server, or in what the server answered";

/** What no shortage on this host explains: names, routes, certificates, and answers that say why themselves. */
const ELSEWHERE: ReadonlySet<Outcome> = new Set<Outcome>([
  "unreachable",
  "no-route",
  "local-error",
  "tls-version",
  "tls-not-spoken",
  "tls-client-certificate",
  "ws-http",
  "ws-no-subprotocol",
  "ws-bad-handshake",
]);

/** Answers that a shortage can be behind. */
const STRAINED: ReadonlySet<Outcome> = new Set<Outcome>([
  "late",
  "retransmitted",
  "failed-over",
  "unavailable",
]);

function isAboutListener({ outcome, phase }: ProbeEnd): boolean {
  if (STRAINED.has(outcome)) return true;
  return (
    phase !== "lookup" && !isAnswer(outcome) && !ELSEWHERE.has(outcome) && !outcome.startsWith("tls-cert")
  );
}

function processGone({ name, processes, backlogs }: ListenerView): ProbeDiagnosis | null {
  if (processes > 0 && backlogs.length > 0) return null;
  const text =
    backlogs.length === 0
      ? `nothing listens for ${name} any more: its process is gone`
      : `no process owns the listening sockets of ${name}`;
  return { cause: "process-gone", text };
}

function outOfDescriptors({ fdUsed, fdLimit, ...view }: ListenerView): ProbeDiagnosis | null {
  if (fdUsed === null || fdLimit === null || fdLimit - fdUsed > FD_LEFT) return null;
  const text = `${view.name} is out of descriptors: ${fdUsed} of ${fdLimit} are used, ${view.used} by connections`;
  return { cause: "out-of-descriptors", text: text + because(view) };
}

function slotsFull({ slots, ...view }: ListenerView): ProbeDiagnosis | null {
  if (slots === null || view.used < slots) return null;
  const text = `${view.name} holds as many connections as it can: ${view.used} of ${slots}`;
  return { cause: "slots-full", text: text + because(view) };
}

/** The kernel lets one more wait than the limit says (sk_acceptq_is_full), and drops SYNs from then on. */
function acceptQueue({ name, backlogs, ...view }: ListenerView, { phase }: ProbeEnd): ProbeDiagnosis | null {
  const full = backlogs.find(({ used, limit }) => used >= limit && used > 0);
  if (full !== undefined) {
    const text = `the accept queue of ${name} is full: ${full.used} of ${full.limit} wait; the program does not take them`;
    return { cause: "accept-queue-full", text: text + because(view) };
  }
  const waiting = backlogs.reduce((sum, { used }) => sum + used, 0);
  if (waiting === 0 || phase === "connect") return null;
  const text = `${waiting} connections wait to be accepted by ${name}: the program is stuck or too busy, with descriptors left`;
  return { cause: "not-accepting", text: text + because(view) };
}

function hoardInProgress({ name, pressure, used, slots, ...view }: ListenerView): ProbeDiagnosis | null {
  if (view.hoard === null && pressure === "calm") return null;
  const of = slots === null ? `${used} connections` : `${used} of ${slots} slots`;
  const state = view.hoard === null ? `slots are scarce (${pressure})` : "a hoard is going on";
  return { cause: "hoard", text: `${state} at ${name}: ${of}${because(view)}` };
}

function nothingLocal({ name, used, slots, fdUsed, fdLimit }: ListenerView): ProbeDiagnosis {
  const facts = [
    slots === null ? `${used} connections` : `${used} of ${slots} slots`,
    ...(fdUsed === null || fdLimit === null ? [] : [`${fdUsed} of ${fdLimit} descriptors`]),
    "nothing waits to be accepted",
  ];
  const text = `nothing to see at ${name} on this host: ${facts.join(", ")}; look at the program's log and the way there`;
  return { cause: "nothing-local", text };
}

function because({ hoard, activeBans }: Pick<ListenerView, "hoard" | "activeBans">): string {
  const bans = activeBans === 0 ? "" : `; ${activeBans} bans in force`;
  return hoard === null ? bans : `; hoard: ${hoard}${bans}`;
}
