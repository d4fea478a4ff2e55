// Words and numbers that several of the daemon's texts share. Pure.

import { PROOFS, type Pressure, type Proof, type ProofCounts } from "../../model/index.ts";

export const PRESSURE_COLOURS: Readonly<Record<Pressure, "green" | "yellow" | "red">> = {
  calm: "green",
  tight: "yellow",
  critical: "red",
};

export const SEVERITY_COLOURS = { notice: "cyan", warning: "yellow", critical: "red" } as const;

const PROOF_WORDS: Readonly<Record<Proof, string>> = {
  shut: "that take no data",
  unanswered: "that answer nothing",
  silent: "silent",
  mute: "silent so far",
  pingsHeld: "nothing but keep-alives for too long",
  onceHeld: "spoke once, too long ago",
  pings: "nothing but keep-alives so far",
  once: "spoke once so far",
  fresh: "fresh",
  kept: "spoke once and kept alive",
  faded: "of unknown history, quiet for long",
  unknown: "of unknown history",
  lapsed: "quiet for long",
  proven: "proven",
  leaked: "closed by the peer, not by the program",
  abandoned: "closed by the peer before it was accepted",
};

/** `3 silent, 2 proven` */
export function proofWords(proofs: ProofCounts): string {
  return PROOFS.filter((proof) => proofs[proof] > 0)
    .map((proof) => `${proofs[proof]} ${PROOF_WORDS[proof]}`)
    .join(", ");
}

/** `1 ban`, `2 bans` */
export function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? "" : "s"}`;
}
