// A proof is what is known of a connection's honesty: what it has said so far, and how long ago. Conduct is what a
// connection does now. Proof is its whole history since the first scan that saw it. When there is no room for all,
// connections are given up in this order, the worst first:
//
//   stalled    stuck for stalledFor: resent in vain, probes unanswered, zero window
//   silent     has never sent a byte, for longer than silentFor
//   mute       the same, for longer than speakWithin
//   pingsHeld  keep-alives and nothing else, for longer than holdFor
//   onceHeld   one exchange, and nothing at all for longer than holdFor; or words that nobody answered, for that long
//   pings      keep-alives and nothing else, so far
//   once       one exchange so far, or words that are not answered yet
//   fresh      nothing yet, but young
//   kept       one exchange, and kept alive since: a registered phone, or somebody who looks like one
//   unknown    more than one thing was said before anybody watched, so nobody knows whether it was two exchanges; or the
//              kernel does not count what would tell
//   lapsed     two exchanges or more, but quiet for longer than holdFor
//   proven     two exchanges or more, the last within holdFor or kept alive since
//   leaked     the peer has closed and the program has not: never the source's fault

export const PROOFS = [
  "stalled",
  "silent",
  "mute",
  "pingsHeld",
  "onceHeld",
  "pings",
  "once",
  "fresh",
  "kept",
  "unknown",
  "lapsed",
  "proven",
  "leaked",
] as const;

export type Proof = (typeof PROOFS)[number];

/** A proof's index in PROOFS. Columns store this number. */
export const Proof = Object.fromEntries(PROOFS.map((proof, i) => [proof, i])) as Readonly<
  Record<Proof, number>
>;

export const PROOF_COUNT: number = PROOFS.length;

/** How many connections have each proof. The sum is all connections that hold a descriptor or will hold one. */
export type ProofCounts = Readonly<Record<Proof, number>>;

/** Proofs whose time has run out. They count against a source even while there is room for all. */
export const OVERDUE: readonly Proof[] = ["silent", "mute", "pingsHeld", "onceHeld"];

/** Proofs that are given up at once and held against nobody: a whole carrier's phones can vanish in one moment. */
export const DEAD: readonly Proof[] = ["stalled"];

/** Proofs that are not judged while there is room: these connections may still prove themselves. */
export const YOUNG: readonly Proof[] = ["pings", "once", "fresh"];

/** Proofs that honest clients have. They keep a source from being banned. */
export const MERITS: readonly Proof[] = ["kept", "unknown", "lapsed", "proven"];
