// One step of judging: from a counted scan to a plan. The rules run in this order, the surest first:
//
//   always     banned, connections-per-source, unproven-per-source, unproven-per-network, overdue, proxied, leaked
//   tight      rise, over-share        sources without merit above what they are known for; sources above their share
//   critical   shed, crowd-out         unproven connections; then sources that crowd others out, or limit-too-low
//   at the end postponed

import type { Pressure } from "../model/index.ts";
import type { TrackedCensus } from "../track/index.ts";
import type { Judgement, JudgeState, StepOptions } from "./judge-types.ts";
import { planNextScan } from "./next-scan.ts";
import { excessOver, groupListeners, type OwnerGroup } from "./pressure.ts";
import { Round } from "./round.ts";
import { banned } from "./rules/banned.ts";
import { connectionsPerSource } from "./rules/connections-per-source.ts";
import { crowdOut } from "./rules/crowd-out.ts";
import { leaked } from "./rules/leaked.ts";
import { overShare } from "./rules/over-share.ts";
import { overdue } from "./rules/overdue.ts";
import { postponed } from "./rules/postponed.ts";
import { proxied } from "./rules/proxied.ts";
import { rise } from "./rules/rise.ts";
import { shed } from "./rules/shed.ts";
import { unprovenPerNetwork } from "./rules/unproven-per-network.ts";
import { unprovenPerSource } from "./rules/unproven-per-source.ts";
import { followStandings, introduced } from "./standing.ts";
import { View } from "./view.ts";

/** Returns the next state and the plan. The time is the census's own. */
export function step(state: JudgeState, census: TrackedCensus, options: StepOptions): Judgement {
  const view = new View(census, options.exemptions);
  const groups = groupListeners(census.listeners);
  const round = new Round(introduced(state, view), view, { groups, options });
  banned(round);
  connectionsPerSource(round);
  unprovenPerSource(round);
  unprovenPerNetwork(round);
  overdue(round);
  proxied(round);
  for (const group of groups) judgeGroup(round, group);
  const pressures = pressuresOf(round, groups);
  return {
    state: { ...round.memory(), standings: standingsAfter(round), pressures, steppedAt: round.now },
    findings: [...round.findings, ...postponed(round)],
    plan: { bans: round.newBans, evictions: round.evictions },
    pressures,
    nextScan: planNextScan(round, groups),
  };
}

function judgeGroup(round: Round, group: OwnerGroup): void {
  leaked(round, group);
  if (group.pressure !== "calm" && isStillOver(round, group, group.levels.tight)) {
    rise(round, group);
    overShare(round, group);
  }
  if (group.pressure !== "critical") return;
  crowdOut(round, group, shed(round, group));
}

/** Whether the group is still over its level: the surer rules may have taken enough already. */
function isStillOver(round: Round, group: OwnerGroup, level: number): boolean {
  return excessOver(group, level) - round.evictedIn(group) > 0;
}

function standingsAfter(round: Round): JudgeState["standings"] {
  const calm = (listener: number): boolean =>
    round.groups.some((group) => group.listeners.has(listener) && group.pressure === "calm");
  return followStandings(round.state, round.view, { now: round.now, calm });
}

function pressuresOf(round: Round, groups: readonly OwnerGroup[]): Map<string, Pressure> {
  return new Map(
    groups.flatMap(({ listeners, pressure }) =>
      [...listeners].map((i) => [round.view.listeners[i]!.name, pressure] as const),
    ),
  );
}
