// What the rules read out of proofs (src/model/proof.ts): the sums that several of them need.

import { PROOFS, type ProofCounts } from "../model/index.ts";

export function countOfProofs(proofs: ProofCounts): number {
  return PROOFS.reduce((sum, proof) => sum + proofs[proof], 0);
}

/** In honest use, as far as anybody can tell. */
export function inHonestUse({ kept, unknown, proven }: ProofCounts): number {
  return kept + unknown + proven;
}

/** Has never sent a byte, for longer than honest clients take to speak. */
export function neverSpoke({ silent, mute }: ProofCounts): number {
  return silent + mute;
}

/** Spoke more than once, and then fell quiet for longer than the protocol allows. */
export function fellQuiet({ lapsed, faded }: ProofCounts): number {
  return lapsed + faded;
}

/** Too young to be judged. */
export function young({ pings, once, fresh }: ProofCounts): number {
  return pings + once + fresh;
}
