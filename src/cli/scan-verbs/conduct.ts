// Chooses the conducts that get a column. Pure.

import { CONDUCTS, type Conduct, type ConductCounts } from "../../model/index.ts";

/** Only the conducts that occur get a column: most machines show three or four. */
export function occurring(all: readonly ConductCounts[]): readonly Conduct[] {
  return CONDUCTS.filter((conduct) => all.some((counts) => counts[conduct] > 0));
}
