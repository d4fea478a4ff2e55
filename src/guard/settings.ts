// What a guard is told to do: at its beginning, and at each reload.

import type { RuleSettings } from "../enforce/index.ts";
import type { JudgeMemory, Terms } from "../judge/index.ts";
import type { ListenerPolicy } from "../model/index.ts";
import type { ScheduleSettings } from "../track/index.ts";

/** What a reload may change. The backend `observe` stands for: change nothing, and tell what would have been done. */
export interface GuardSettings extends RuleSettings, ScheduleSettings {
  /** Null: every listener found is watched, and nothing is enforced. */
  readonly policies: readonly ListenerPolicy[] | null;
  readonly terms: Terms;
  readonly evictPerSecond: number;
}

/** What a guard begins with. */
export interface GuardBeginning {
  readonly settings: GuardSettings;
  readonly remembered: JudgeMemory;
}
