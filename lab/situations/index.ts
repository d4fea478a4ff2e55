// The catalogue of staged situations, with real sockets and real servers where it matters: what `diagnose` is tested with
// and its confusion matrix made of.

import { FAULTS } from "./faults.ts";
import { HEALTHY } from "./healthy.ts";
import { HOARDS } from "./hoards.ts";
import type { Situation } from "./situation.ts";

export { SITUATION_OPTIONS, type Situation } from "./situation.ts";

export const SITUATIONS: readonly Situation[] = [...HOARDS, ...FAULTS, ...HEALTHY];
