// The catalogue of staged situations, with real sockets, and with real servers where they matter. `diagnose` is tested
// with it, and its confusion matrix made of it.

import { FAULTS } from "./faults.ts";
import { HEALTHY } from "./healthy.ts";
import { HOARDS } from "./hoards.ts";
import type { Situation } from "./situation.ts";

export { SITUATION_OPTIONS, type Situation } from "./situation.ts";

export const SITUATIONS: readonly Situation[] = [...HOARDS, ...FAULTS, ...HEALTHY];
