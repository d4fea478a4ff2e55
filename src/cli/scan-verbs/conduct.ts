// How conducts are shown: which of them get a column, and which are a sign of trouble. Pure.

import { CONDUCTS, type Conduct, type ConductCounts } from "../../model/index.ts";

const SUSPICIOUS: ReadonlySet<Conduct> = new Set<Conduct>(["silent", "stalled", "leaked", "halfOpen"]);

export function isSuspicious(conduct: Conduct): boolean {
  return SUSPICIOUS.has(conduct);
}

/** Only the conducts that occur get a column: most machines show three or four. */
export function occurring(all: readonly ConductCounts[]): readonly Conduct[] {
  return CONDUCTS.filter((conduct) => all.some((counts) => counts[conduct] > 0));
}
