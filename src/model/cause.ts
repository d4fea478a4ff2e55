// Why descriptors run out, or why a service does not answer: one list, for `diagnose` and for a monitor that fails.

export const CAUSES = [
  "healthy",
  "single-source-hoard",
  "distributed-hoard",
  "half-open-flood",
  "program-leak",
  "program-not-accepting",
  "dead-peers",
  "organic-growth",
  "limit-too-low",
  "machine-limit",
  "churn",
  "nothing-listens",
] as const;

export type Cause = (typeof CAUSES)[number];

export type HoardCause = Extract<Cause, "single-source-hoard" | "distributed-hoard">;

/** How many connections are held and not used. */
export interface Unused {
  /** By the source that has most of them. */
  readonly largest: number;
  /** By all sources. */
  readonly total: number;
}

/** Connections that one source may hold unused without being spoken of: the policy's own default. */
const SINGLE_MIN = 20;
/** Over all sources: a public server always has some scanners and broken clients. */
const DISTRIBUTED_MIN = 50;
/** One source is the hoarder when it holds more than this share of all that is hoarded. */
const SINGLE_SHARE_MIN = 2 / 3;

/** Which hoard it is; null where it is none: what is held unused is too little to speak of. */
export function hoardCause({ largest, total }: Unused): HoardCause | null {
  if (largest > SINGLE_SHARE_MIN * total) return largest >= SINGLE_MIN ? "single-source-hoard" : null;
  return total >= DISTRIBUTED_MIN ? "distributed-hoard" : null;
}
