// A non-INVITE client transaction (RFC 3261 section 17.1.2) as a function of time: no clock and no timer in here.
//
//           start                1xx                  final                  timer K
//   trying --------> (resend at E) --> proceeding (T2) ------> completed ------------> terminated
//      '---------------- timer F: 64 x T1 ----------------> terminated (timeout)

export interface TransactionTimers {
  readonly t1Ms: number;
  readonly t2Ms: number;
  readonly t4Ms: number;
  /** Timer F. */
  readonly timeoutMs: number;
}

export const RFC_TIMERS: TransactionTimers = { t1Ms: 500, t2Ms: 4000, t4Ms: 5000, timeoutMs: 32_000 };

export type TransactionPhase = "trying" | "proceeding" | "completed" | "terminated";

export interface Transaction {
  readonly phase: TransactionPhase;
  /** UDP loses messages; the others carry them or fail. */
  readonly resends: boolean;
  readonly timers: TransactionTimers;
  readonly timeoutAt: number;
  /** When timer E or K fires; infinite where it does not run. */
  readonly nextAt: number;
  readonly intervalMs: number;
  readonly retransmits: number;
}

export type TransactionInput =
  | { readonly kind: "time" }
  | { readonly kind: "response"; readonly code: number };

/** What the caller does next: send the request again, hand the response on, drop a duplicate, give up. */
export type TransactionAction = "none" | "resend" | "provisional" | "final" | "duplicate" | "timeout";

export interface TransactionStep {
  readonly next: Transaction;
  readonly action: TransactionAction;
}

/** The transaction of a request sent at `now`, in milliseconds of any clock that only goes forward. */
export function startTransaction(now: number, resends: boolean, timers: TransactionTimers): Transaction {
  return {
    phase: "trying",
    resends,
    timers,
    timeoutAt: now + timers.timeoutMs,
    nextAt: resends ? now + timers.t1Ms : Number.POSITIVE_INFINITY,
    intervalMs: timers.t1Ms,
    retransmits: 0,
  };
}

/** When `time` is to be called next; infinite once it is over. */
export function dueAt(transaction: Transaction): number {
  switch (transaction.phase) {
    case "trying":
    case "proceeding":
      return Math.min(transaction.timeoutAt, transaction.nextAt);
    case "completed":
      return transaction.nextAt;
    case "terminated":
      return Number.POSITIVE_INFINITY;
  }
}

export function stepTransaction(
  transaction: Transaction,
  input: TransactionInput,
  now: number,
): TransactionStep {
  return input.kind === "time" ? onTime(transaction, now) : onResponse(transaction, input.code, now);
}

function onTime(transaction: Transaction, now: number): TransactionStep {
  if (now < dueAt(transaction)) return { next: transaction, action: "none" };
  if (transaction.phase === "completed") return { next: ended(transaction), action: "none" };
  if (now >= transaction.timeoutAt) return { next: ended(transaction), action: "timeout" };
  return { next: resent(transaction, now), action: "resend" };
}

/** Timer E: doubles up to T2 while nothing has come, T2 from the first 1xx on. */
function resent(transaction: Transaction, now: number): Transaction {
  const { t2Ms } = transaction.timers;
  const intervalMs = transaction.phase === "trying" ? Math.min(2 * transaction.intervalMs, t2Ms) : t2Ms;
  return { ...transaction, intervalMs, nextAt: now + intervalMs, retransmits: transaction.retransmits + 1 };
}

function onResponse(transaction: Transaction, code: number, now: number): TransactionStep {
  if (transaction.phase === "completed" || transaction.phase === "terminated")
    return { next: transaction, action: "duplicate" };
  if (code < 200) return { next: { ...transaction, phase: "proceeding" }, action: "provisional" };
  // Timer K: on UDP the server may have sent its answer twice, and the second one is absorbed here.
  const nextAt = now + (transaction.resends ? transaction.timers.t4Ms : 0);
  return { next: { ...transaction, phase: "completed", nextAt }, action: "final" };
}

function ended(transaction: Transaction): Transaction {
  return { ...transaction, phase: "terminated" };
}
