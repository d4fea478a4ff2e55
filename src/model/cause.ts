// The causes that descriptors run out or a service does not answer. `diagnose` and failing monitors share one list.

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
  /** How many of them the source with most has. */
  readonly largest: number;
  /** How many all sources have. */
  readonly total: number;
}

/** A source may hold this many unused without being mentioned: the policy's own default. */
const SINGLE_MIN = 20;
/** The same for all sources together: a public server always has some scanners and broken clients. */
const DISTRIBUTED_MIN = 50;
/** One source is the hoarder if it holds more than this share of all unused connections. */
const SINGLE_SHARE_MIN = 2 / 3;

/** Which hoard it is; null if too little is held unused to mention. */
export function hoardCause({ largest, total }: Unused): HoardCause | null {
  if (largest > SINGLE_SHARE_MIN * total) return largest >= SINGLE_MIN ? "single-source-hoard" : null;
  return total >= DISTRIBUTED_MIN ? "distributed-hoard" : null;
}
