// A proof is what is known of a connection's honesty: what it has said so far, and how long ago. Conduct is what a
// connection does now. Proof is its whole history since the first scan that saw it. When there is no room for all,
// connections are given up in this order, the worst first:
//
//   shut       takes no data: its window has been closed for stalledFor, and data waits for it
//   unanswered answers nothing: for stalledFor data has been sent again, or probes have been sent, in vain
//   silent     has never sent a byte, for longer than silentFor
//   mute       the same, for longer than speakWithin
//   pingsHeld  keep-alives and nothing else, for longer than holdFor
//   onceHeld   one exchange, and nothing at all for longer than holdFor; or words that nobody answered, for that long
//   pings      keep-alives and nothing else, so far
//   once       one exchange so far, or words that are not answered yet
//   fresh      nothing yet, but young
//   kept       one exchange, and kept alive since: a registered phone, or somebody who looks like one
//   faded      unknown, and quiet for longer than holdFor
//   unknown    more than one thing was said before anybody watched, so nobody knows whether it was two exchanges; or the
//              kernel does not count enough to tell
//   lapsed     two exchanges or more, but quiet for longer than holdFor
//   proven     two exchanges or more, the last within holdFor or kept alive since
//   leaked     the peer has closed and the program has not: never the source's fault
//   abandoned  the peer has closed before the program accepted it: it gave up waiting
//
// A peer that is shut asks for much and reads nothing, as hoarders do. One that leaves everything unanswered is a phone
// without power. docs/decisions/0016 says why diagnose and the guard have the same proofs.

export const PROOFS = [
  "shut",
  "unanswered",
  "silent",
  "mute",
  "pingsHeld",
  "onceHeld",
  "pings",
  "once",
  "fresh",
  "kept",
  "faded",
  "unknown",
  "lapsed",
  "proven",
  "leaked",
  "abandoned",
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
export const DEAD: readonly Proof[] = ["shut", "unanswered"];

/** Proofs that are not judged while there is room: these connections may still prove themselves. */
export const YOUNG: readonly Proof[] = ["pings", "once", "fresh"];

/** Proofs that honest clients have. They keep a source from being banned. */
export const MERITS: readonly Proof[] = ["kept", "faded", "unknown", "lapsed", "proven"];

/** Proofs of connections that the peer alone has closed. The rest is the program's task. */
export const LEFT_OPEN: readonly Proof[] = ["leaked", "abandoned"];
