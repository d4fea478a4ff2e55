// What is known of a connection's honesty: what it has said so far, and how long ago. Conduct is what a connection does
// now; proof is its whole history, as far as it was watched. In the order in which connections are given up when there
// is no room for all, the worst first:
//
//   shut       takes no data: its window has been closed for stalledFor, and data waits for it
//   unanswered answers nothing: for stalledFor data has been sent again in vain, or keep-alive probes have been
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
//              kernel does not count what would tell
//   lapsed     two exchanges or more, but quiet for longer than holdFor
//   proven     two exchanges or more, the last within holdFor or kept alive since
//   leaked     the peer has closed and the program has not: never the source's fault
//   abandoned  the peer has closed before the program accepted it: it gave up waiting
//
// A peer that is shut asks for much and reads nothing, as hoarders do; one that leaves everything unanswered is a phone
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

/** A proof as its place in PROOFS: what columns are numbered by. */
export const Proof = Object.fromEntries(PROOFS.map((proof, i) => [proof, i])) as Readonly<
  Record<Proof, number>
>;

export const PROOF_COUNT: number = PROOFS.length;

/** How many connections of each proof; together all that hold a descriptor, or will. */
export type ProofCounts = Readonly<Record<Proof, number>>;

/** Past every doubt's time: what counts against a source while there is room for all. */
export const OVERDUE: readonly Proof[] = ["silent", "mute", "pingsHeld", "onceHeld"];

/** Given up at once, and held against nobody: a whole carrier's phones can vanish in one moment. */
export const DEAD: readonly Proof[] = ["shut", "unanswered"];

/** Not judged while there is room: they may still prove themselves. */
export const YOUNG: readonly Proof[] = ["pings", "once", "fresh"];

/** What honest clients look like, and what keeps a source from being banned. */
export const MERITS: readonly Proof[] = ["kept", "faded", "unknown", "lapsed", "proven"];

/** Closed by the peer alone: what is left to do is the program's. */
export const LEFT_OPEN: readonly Proof[] = ["leaked", "abandoned"];
