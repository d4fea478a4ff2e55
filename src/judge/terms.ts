// How long a ban lasts: longer for a repeater. Each day without a ban lets one be forgotten.

import type { BanHistory, Terms } from "./judge-types.ts";

const FORGET_ONE_MS = 24 * 60 * 60 * 1000;
/** After this many steps the longest term is reached with any factor above 1. */
const STEPS_MAX = 64;

/** How many earlier bans still count. */
export function bansRemembered(history: BanHistory | undefined, now: number): number {
  if (history === undefined) return 0;
  const forgotten = Math.floor(Math.max(0, now - history.lastAt) / FORGET_ONE_MS);
  return Math.max(0, history.bans - forgotten);
}

/** The term of the next ban, in milliseconds. */
export function nextTermMs(terms: Terms, history: BanHistory | undefined, now: number): number {
  const steps = Math.min(STEPS_MAX, bansRemembered(history, now));
  return Math.min(terms.maxMs, terms.firstMs * terms.factor ** steps);
}
