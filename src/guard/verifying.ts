// Tells whether evictions worked. Pure. After an eviction the next scan comes soon, and shows whether the sockets are
// gone.
//
//   at rest --something was evicted--> due in 50 ms --nothing is left to evict--> at rest
//                                        |     ^
//                                        +-----+  banned sources still hold connections: counted;
//                                                 after five scans in vain it is told, and each wait is twice the last
//
// Only banned sources are counted. Others may have opened new connections since, and are judged like anybody.

/** The wait from an eviction to the scan that verifies it. */
const VERIFY_MS = 50;
/** After this many scans in a row, banned sources that still hold connections are a fault of ours. */
const IN_VAIN_MAX = 5;
/** The longest wait. A scan that is due for another reason does not wait for it. */
const VERIFY_MAX_MS = 800;

export interface Verifying {
  /** When to scan; Infinity if there is nothing to verify. */
  readonly dueMs: number;
  /** Scans in a row that found banned sources with connections. */
  readonly inVain: number;
  /** Whether it has been told that evictions are in vain. */
  readonly told: boolean;
}

export const AT_REST: Verifying = { dueMs: Number.POSITIVE_INFINITY, inVain: 0, told: false };

/** The outcome of a scan. */
export interface AfterScan {
  readonly nowMs: number;
  /** Whether anything was to be evicted. */
  readonly evicts: boolean;
  /** Whether sources that were banned before the scan held any of it. */
  readonly bannedHold: boolean;
}

export interface Verified {
  readonly next: Verifying;
  /** What to tell: evictions are in vain, they work again, or nothing. */
  readonly tells: "in-vain" | "well" | null;
}

export function verifyEvictions(before: Verifying, { nowMs, evicts, bannedHold }: AfterScan): Verified {
  const inVain = evicts && bannedHold ? before.inVain + 1 : 0;
  const told = inVain > 0 && (before.told || inVain >= IN_VAIN_MAX);
  const next = { dueMs: evicts ? nowMs + waitMs(inVain) : AT_REST.dueMs, inVain, told };
  if (told === before.told) return { next, tells: null };
  return { next, tells: told ? "in-vain" : "well" };
}

function waitMs(inVain: number): number {
  const beyond = Math.max(0, inVain - IN_VAIN_MAX + 1);
  return Math.min(VERIFY_MS * 2 ** beyond, VERIFY_MAX_MS);
}
