// How to set the machine up: a plan of system settings, applied and taken back.
//
// In:  facts of the machine, a profile, how many connections are wanted.
// Out: a plan as diffs, with the arithmetic behind it; what was applied; what was rolled back.
// Promises: planning is pure. Applying first records what was there, in a folder of root's own, and then writes.
//      Rolling back needs that record alone.

export { type Applied, applyTune } from "./apply.ts";
export type { TuneFacts } from "./facts.ts";
export { openTuneMachine, type TuneMachine } from "./machine.ts";
export { planTune } from "./plan.ts";
export { unitName } from "./read-facts.ts";
export { type RolledBack, rollbackTune } from "./rollback.ts";
export { TuneError } from "./tune-error.ts";
export type { TunePlan } from "./tune-plan.ts";
