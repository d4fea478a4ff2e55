// A guard's settings: those of its beginning, and those of each reload.

import type { RuleSettings } from "../enforce/index.ts";
import type { JudgeMemory, Terms } from "../judge/index.ts";
import type { ListenerPolicy } from "../model/index.ts";
import type { ScheduleSettings } from "../track/index.ts";

/** The settings that a reload may change. The backend `observe` changes nothing, and tells what would have been done. */
export interface GuardSettings extends RuleSettings, ScheduleSettings {
  /** The policies. Null watches every listener that is found, and enforces nothing. */
  readonly policies: readonly ListenerPolicy[] | null;
  readonly terms: Terms;
  readonly evictPerSecond: number;
}

/** Settings and memory that a guard begins with. */
export interface GuardBeginning {
  readonly settings: GuardSettings;
  readonly remembered: JudgeMemory;
}
