// The catalogue: every scenario that is played, in the order of design.

import { CROWD_SCENARIOS } from "./crowds.ts";
import { FLOOD_SCENARIOS } from "./floods.ts";
import { HOARD_SCENARIOS } from "./hoards.ts";
import { HONEST_SCENARIOS } from "./honest.ts";
import { OPERATION_SCENARIOS } from "./operations.ts";
import type { Scenario } from "./scenario.ts";

export const SCENARIOS: readonly Scenario[] = [
  ...HOARD_SCENARIOS,
  ...CROWD_SCENARIOS,
  ...FLOOD_SCENARIOS,
  ...HONEST_SCENARIOS,
  ...OPERATION_SCENARIOS,
].sort((a, b) => a.id.localeCompare(b.id, "en", { numeric: true }));

export { contradictions } from "./requirements.ts";
export type { Requirement, Scenario, ServerPlan } from "./scenario.ts";
