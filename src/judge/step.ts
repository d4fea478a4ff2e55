// One step of judging: from a scan the sockets to a plan. The rules run in this order, the surest first:
//
//   always     banned, connections-per-source, unproven-per-source, unproven-per-network, overdue, leaked, proxied
//   tight      rise, over-share        who rose beyond what it is known for, without merit, and above its share
//   critical   shed, crowd-out         whatever is unproven; then who crowds the others out

import type { Finding, Pressure } from "../model/index.ts";
import type { TrackedCensus } from "../track/index.ts";
import type { Judgement, JudgeState, StepOptions } from "./judge-types.ts";
import { planNextScan } from "./next-scan.ts";
import { excessOver, type Group, groupListeners } from "./pressure.ts";
import { Round } from "./round.ts";
import { evictBanned } from "./rules/banned.ts";
import { judgeProven } from "./rules/crowd-out.ts";
import { judgeLeaked } from "./rules/leaked.ts";
import { bringBackToShare } from "./rules/over-share.ts";
import { evictOverdue } from "./rules/overdue.ts";
import { limitUnprovenPerNetwork } from "./rules/per-network.ts";
import { limitUnprovenPerSource } from "./rules/per-source.ts";
import { tellProxies } from "./rules/proxied.ts";
import { banRising } from "./rules/rise.ts";
import { shedUnproven } from "./rules/shed.ts";
import { limitConnectionsPerSource } from "./rules/strict.ts";
import { followStandings, introduced } from "./standing.ts";
import { View } from "./view.ts";

/** The next state, and what is to be done. The time is the census's own. */
export function step(state: JudgeState, census: TrackedCensus, options: StepOptions): Judgement {
  const view = new View(census, options.exemptions);
  const groups = groupListeners(census.listeners);
  const round = new Round(introduced(state, view), view, { groups, options });
  evictBanned(round);
  limitConnectionsPerSource(round);
  limitUnprovenPerSource(round);
  limitUnprovenPerNetwork(round);
  evictOverdue(round);
  tellProxies(round);
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

/** What there was no room for in this scan: told as numbers. */
function postponed({ untold, putOff }: Round): Finding[] {
  if (untold + putOff === 0) return [];
  const text = `${untold} more findings and ${putOff} more bans of this scan wait for the next`;
  const numbers = { untold, putOff };
  return [{ rule: "postponed", severity: "notice", listener: null, source: null, text, numbers }];
}

function judgeGroup(round: Round, group: Group): void {
  judgeLeaked(round, group);
  if (group.pressure !== "calm" && isStillOver(round, group, group.levels.tight)) {
    banRising(round, group);
    bringBackToShare(round, group);
  }
  if (group.pressure !== "critical") return;
  const need = shedUnproven(round, group);
  judgeProven(round, group, need);
}

/** What the surer rules take may be all that was too much. */
function isStillOver(round: Round, group: Group, level: number): boolean {
  return excessOver(group, level) - round.evictedIn(group) > 0;
}

function standingsAfter(round: Round): JudgeState["standings"] {
  const calm = (listener: number): boolean =>
    round.groups.some((group) => group.listeners.has(listener) && group.pressure === "calm");
  return followStandings(round.state, round.view, { now: round.now, calm });
}

function pressuresOf(round: Round, groups: readonly Group[]): Map<string, Pressure> {
  return new Map(
    groups.flatMap(({ listeners, pressure }) =>
      [...listeners].map((i) => [round.view.listeners[i]!.name, pressure] as const),
    ),
  );
}
