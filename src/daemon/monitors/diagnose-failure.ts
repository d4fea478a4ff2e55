// Joins a failed probe with the guard's last view of its listener. The probe knows in which phase it ended; the guard
// knows descriptors, slots, accept queues and sources. Together they name a cause of the list that `diagnose` has.
// Pure. The causes in the order of the search:
//
//   nothing listens, or no process owns the sockets     nothing-listens
//   out of descriptors, or all slots taken              the hoard's, where one goes on; program-leak; else limit-too-low
//   an accept queue that is full, or is not emptied     program-not-accepting
//   a hoard goes on, with slots left                    the hoard's
//   slots are scarce without one                        limit-too-low
//   none of these                                       healthy: it is the program's own doing, or on the way there
//   the probe did not end at the listener               null: nothing that the listener shows could explain it

import type { Cause, Pressure } from "../../model/index.ts";
import { isAnswer, type Outcome, type Phase } from "../../sip/index.ts";
import type { Hoard } from "./hoards.ts";

/** The guard's last view of a listener. */
export interface MonitoredListener {
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
  /** Connections that their peers have closed and the program has not. */
  readonly leaked: number;
  readonly hoard: Hoard | null;
}

export interface ProbeDiagnosis {
  readonly cause: Cause | null;
  readonly text: string;
}

/** How a probe ended. */
export interface ProbeEnd {
  readonly outcome: Outcome;
  readonly phase: Phase;
}

/** A program with so few descriptors left is as good as out of them: it needs some for a moment. */
const FD_LEFT = 2;
/** Leaked connections that explain a shortage: at least this many, and this share of all. */
const LEAKED_MIN = 20;
const LEAKED_SHARE_MIN = 0.3;

/** Null for a probe with a good answer, and for a listener that the guard does not know. */
export function diagnoseFailure(probe: ProbeEnd, view: MonitoredListener | null): ProbeDiagnosis | null {
  if (view === null || probe.outcome === "answered" || probe.outcome === "redirect") return null;
  if (!isAboutListener(probe)) return { cause: null, text: `the listener is not the cause${LOOK_UP}` };
  return (
    processGone(view) ??
    outOfDescriptors(view) ??
    slotsFull(view) ??
    acceptQueue(view, probe) ??
    scarcity(view) ??
    nothingToSee(view)
  );
}

const LOOK_UP = ": the probe ended before it reached the server, or in what the server answered";

/** No shortage on this host explains these: names, routes, certificates, and answers that say why themselves. */
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

/** Answers that a shortage can cause. */
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

function processGone({ name, processes, backlogs }: MonitoredListener): ProbeDiagnosis | null {
  if (processes > 0 && backlogs.length > 0) return null;
  const text =
    backlogs.length === 0
      ? `nothing listens for ${name} any more: its process is gone`
      : `no process owns the listening sockets of ${name}`;
  return { cause: "nothing-listens", text };
}

function outOfDescriptors({ fdUsed, fdLimit, ...view }: MonitoredListener): ProbeDiagnosis | null {
  if (fdUsed === null || fdLimit === null || fdLimit - fdUsed > FD_LEFT) return null;
  const text = `${view.name} is out of descriptors: ${fdUsed} of ${fdLimit} are used, ${view.used} by connections`;
  return { cause: causeOfShortage(view), text: text + because(view) };
}

function slotsFull({ slots, ...view }: MonitoredListener): ProbeDiagnosis | null {
  if (slots === null || view.used < slots) return null;
  const text = `${view.name} holds as many connections as it can: ${view.used} of ${slots}`;
  return { cause: causeOfShortage(view), text: text + because(view) };
}

/** The cause to blame for a shortage. */
function causeOfShortage({ hoard, leaked, used }: Shortage): Cause {
  if (hoard !== null) return hoard.cause;
  return leaked >= LEAKED_MIN && leaked >= LEAKED_SHARE_MIN * used ? "program-leak" : "limit-too-low";
}

type Shortage = Pick<MonitoredListener, "hoard" | "leaked" | "used">;

/** The kernel lets one more wait than the limit says (sk_acceptq_is_full), and drops SYNs from then on. */
function acceptQueue(
  { name, backlogs, ...view }: MonitoredListener,
  { phase }: ProbeEnd,
): ProbeDiagnosis | null {
  const full = backlogs.find(({ used, limit }) => used >= limit && used > 0);
  if (full !== undefined) {
    const text = `the accept queue of ${name} is full: ${full.used} of ${full.limit} wait; the program does not take them`;
    return { cause: "program-not-accepting", text: text + because(view) };
  }
  const waiting = backlogs.reduce((sum, { used }) => sum + used, 0);
  if (waiting === 0 || phase === "connect") return null;
  const text = `${waiting} connections wait to be accepted by ${name}: the program is stuck or too busy, with descriptors left`;
  return { cause: "program-not-accepting", text: text + because(view) };
}

function scarcity({ name, pressure, slots, ...view }: MonitoredListener): ProbeDiagnosis | null {
  if (view.hoard === null && pressure === "calm") return null;
  const { used } = view;
  const of = slots === null ? `${used} connections` : `${used} of ${slots} slots`;
  const state = view.hoard === null ? `slots are scarce (${pressure})` : "a hoard is going on";
  return { cause: causeOfShortage(view), text: `${state} at ${name}: ${of}${because(view)}` };
}

function nothingToSee({ name, used, slots, fdUsed, fdLimit }: MonitoredListener): ProbeDiagnosis {
  const facts = [
    slots === null ? `${used} connections` : `${used} of ${slots} slots`,
    ...(fdUsed === null || fdLimit === null ? [] : [`${fdUsed} of ${fdLimit} descriptors`]),
    "nothing waits to be accepted",
  ];
  const text = `nothing to see at ${name} on this host: ${facts.join(", ")}; look at the program's log and the way there`;
  return { cause: "healthy", text };
}

function because({ hoard, activeBans }: Pick<MonitoredListener, "hoard" | "activeBans">): string {
  const bans = activeBans === 0 ? "" : `; ${activeBans} bans in force`;
  return hoard === null ? bans : `; hoard: ${hoard.text}${bans}`;
}
