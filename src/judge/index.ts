// Decides what is to be done about sources.
//
// In:  its own state, a TrackedCensus, and who is exempt.
// Out: the next state; findings, with the numbers that made a rule fire; a plan of bans and evictions; when to scan
//      again.
// Promises: pure (no clock, no I/O, no random), so the same inputs give the same plan. A source is never blamed for the
//      program's fault, for forged packets, or for being young while there is room. A plan never has an exempt source.
//      Each rule is a file in rules/. Everything remembered has a bound.

export { exemptionOf } from "./exemptions.ts";
export { explainSource, type RuleMatch } from "./explain.ts";
export type {
  BanHistory,
  Exemptions,
  Judgement,
  JudgeState,
  Standing,
  StepOptions,
  Terms,
} from "./judge-types.ts";
export { initialState, type JudgeMemory, withBans, withoutBans } from "./state.ts";
export { step } from "./step.ts";
export { bansRemembered } from "./terms.ts";
