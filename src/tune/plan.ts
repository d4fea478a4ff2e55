// Makes the plan: all changes, and all that stays with the reasons. Pure: facts and a request in, a value out.

import {
  isHarmful,
  isRefused,
  linePlace,
  lookupIn,
  numbersOf,
  OWN_SYSCTL_FILE,
  type RefusedJudgement,
  readKeepalive,
  rtoMaxMs,
  type TuneProfile,
  winningLine,
} from "../settings/index.ts";
import { planAdvice } from "./advice.ts";
import type { ServiceFacts, TuneFacts, TuneRequest } from "./facts.ts";
import { GOALS, liveNumbers, mayStay, type PlanInputs, portsToReserve } from "./goals.ts";
import { judgeHere } from "./judged.ts";
import { lineAfterOurs } from "./own-file.ts";
import { planLimits } from "./plan-limits.ts";
import { peakPerSecond, sumsFor } from "./sizing.ts";
import type { Override, RefusedValue, TuneChange, TunePlan } from "./tune-plan.ts";

export function planTune(facts: TuneFacts, request: TuneRequest): TunePlan {
  const held = heldConnections(facts.services, request.service);
  const connections = request.connections ?? held ?? 0;
  const perSecond = peakPerSecond(connections, request.perSecond);
  const inputs: PlanInputs = { profile: request.profile, connections, perSecond, facts };
  const limits = planLimits(inputs, request);
  const changes = [...planReservedPorts(inputs), ...planSettings(inputs), ...limits.changes];
  const after = withChanges(facts, changes);
  return {
    profile: request.profile,
    connections,
    connectionsFrom: request.connections !== null ? "given" : held === null ? "unknown" : "held now",
    perSecond,
    changes,
    arithmetic: sumsFor({
      ...inputs,
      facts: after,
      keepalive: readKeepalive(lookupIn(after.live)),
      retries2: liveNumbers(after, "net.ipv4.tcp_retries2")[0] ?? null,
      rtoMaxMs: rtoMaxMs(lookupIn(after.live)),
    }),
    advice: [...limits.advice, ...planAdvice(inputs)],
    refused: refusals(inputs),
    overrides: [...settingOverrides(inputs, changes), ...limits.overrides],
  };
}

/** Changes that must not be made, whoever planned them: the last gate before anything is written. */
export function dangersOf(
  changes: readonly TuneChange[],
  facts: TuneFacts,
  profile: TuneProfile,
): RefusedValue[] {
  const after = withChanges(facts, changes);
  return changes.flatMap(({ what, wanted, target }) => {
    if (target.kind !== "sysctl") return [];
    const value = { what: target.name, value: wanted, place: "file" } as const;
    const judged = judgeHere(value, after, profile);
    // A value that does nothing is no danger.
    return judged !== null && isRefused(judged) && judged.verdict !== "no-op"
      ? [refusedValue({ what, value: wanted, where: "planned" }, judged)]
      : [];
  });
}

/** The facts as they would be with the changes made. */
function withChanges(facts: TuneFacts, changes: readonly TuneChange[]): TuneFacts {
  const live = new Map(facts.live);
  for (const { target, wanted } of changes) if (target.kind === "sysctl") live.set(target.name, wanted);
  return { ...facts, live };
}

function heldConnections(services: readonly ServiceFacts[], unit: string | null): number | null {
  const counts = services
    .filter((service) => unit === null || service.unit === unit)
    .map(({ connections }) => connections)
    .filter((count) => count !== null);
  return counts.length === 0 ? null : counts.reduce((sum, count) => sum + count, 0);
}

/** Later goals are judged by what the earlier ones make of the machine. */
function planSettings(inputs: PlanInputs): TuneChange[] {
  const changes: TuneChange[] = [];
  for (const goal of GOALS) {
    const { facts } = inputs;
    const live = facts.live.get(goal.name);
    const want = goal.want(inputs);
    if (live === undefined || want === null || facts.readOnly.has(goal.name)) continue;
    const wanted = want.join(" ");
    if (live === wanted || liveNumbers(facts, goal.name).length === 0) continue;
    if (mayStay(goal, { value: live, want }, inputs, withChanges(facts, changes))) continue;
    const { name, bites, risk } = goal;
    const target = { kind: "sysctl", name } as const;
    changes.push({ what: name, live, wanted, why: goal.why(want, inputs), bites, risk, target });
  }
  return changes;
}

const RESERVED_PORTS = "net.ipv4.ip_local_reserved_ports";

/** Comes before the wider range, so that a listening port is never up for grabs. */
function planReservedPorts(inputs: PlanInputs): TuneChange[] {
  const live = inputs.facts.live.get(RESERVED_PORTS);
  if (live === undefined || inputs.facts.readOnly.has(RESERVED_PORTS)) return [];
  const wanted = addPorts(live, portsToReserve(inputs));
  if (wanted === live) return [];
  return [
    {
      what: RESERVED_PORTS,
      live,
      wanted,
      why: "the wider range holds ports that servers of this machine listen on; a restarted one must find its port free",
      bites: "at the next connection to others",
      risk: "none",
      target: { kind: "sysctl", name: RESERVED_PORTS },
    },
  ];
}

/** A list of ports and ranges with more ports in it, as the kernel prints it: ascending, neighbours joined. */
export function addPorts(list: string, ports: readonly number[]): string {
  const all = new Set(ports);
  for (const part of list.split(",").filter((text) => text !== "")) {
    const [from, to = from] = part.split("-").map(Number);
    for (let port = from!; port <= to!; port++) all.add(port);
  }
  const ranges: [number, number][] = [];
  for (const port of [...all].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === port - 1) last[1] = port;
    else ranges.push([port, port]);
  }
  return ranges.map(([from, to]) => (from === to ? String(from) : `${from}-${to}`)).join(",");
}

/** Lines in the machine's files that no plan would hold, and live values that do harm. */
function refusals({ facts, profile }: PlanInputs): RefusedValue[] {
  const inFiles = facts.lines
    .filter(({ file }) => file !== OWN_SYSCTL_FILE)
    .flatMap((line) => {
      const judged = judgeHere({ what: line.key, value: line.value, place: "file" }, facts, profile);
      if (judged === null || !isRefused(judged)) return [];
      return [refusedValue({ what: line.key, value: line.value, where: linePlace(line) }, judged)];
    });
  const named = new Set(inFiles.map(({ what, value }) => `${what}=${value}`));
  const live = [...facts.live].flatMap(([what, value]) => {
    const judged = judgeHere({ what, value, place: "live" }, facts, profile);
    if (judged === null || !isRefused(judged) || !isHarmful(judged)) return [];
    if (named.has(`${what}=${value}`)) return [];
    return [refusedValue({ what, value, where: "live" }, judged)];
  });
  return [...inFiles, ...live];
}

function refusedValue(
  found: Pick<RefusedValue, "what" | "value" | "where">,
  { verdict, text }: RefusedJudgement,
): RefusedValue {
  return { ...found, kind: verdict, why: text };
}

/** Lines that come after ours, and lines that will replace a right live value at the next boot. */
function settingOverrides(inputs: PlanInputs, changes: readonly TuneChange[]): Override[] {
  const { facts } = inputs;
  const changed = changes.flatMap(({ target, wanted, what }) => {
    const line = target.kind === "sysctl" ? lineAfterOurs(facts.lines, target.name) : undefined;
    return line === undefined || line.value === wanted
      ? []
      : [{ what, wanted, value: line.value, where: linePlace(line) }];
  });
  const names = new Set(changes.map(({ what }) => what));
  const unchanged = GOALS.filter(({ name }) => !names.has(name)).flatMap((goal) => {
    const [want, live, line] = [
      goal.want(inputs),
      facts.live.get(goal.name),
      winningLine(facts.lines, goal.name),
    ];
    if (want === null || live === undefined || line === undefined || line.value === live) return [];
    if (numbersOf(line.value).length === 0) return [];
    if (mayStay(goal, { value: line.value, want }, inputs)) return [];
    return [{ what: goal.name, wanted: live, value: line.value, where: linePlace(line) }];
  });
  return [...changed, ...unchanged];
}
