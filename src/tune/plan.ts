// The plan: what would be changed, and everything that would not be and why. Pure: facts and a request in, a value out.

import type { SysctlLine, TuneProfile } from "../settings/index.ts";
import { type Advice, adviceFor } from "./advice.ts";
import { judgeValue } from "./danger.ts";
import type { ServiceFacts, TuneFacts, TuneRequest } from "./facts.ts";
import { planLimits } from "./plan-limits.ts";
import {
  liveKeepalive,
  liveNumbers,
  portsToReserve,
  RULES,
  type RuleInputs,
  rtoMaxSeconds,
} from "./rules.ts";
import { numbersOf, peakPerSecond, type Sum, sumsFor } from "./sizing.ts";
import { lastLine, linesAfterOurs, SYSCTL_FILE } from "./sysctl-files.ts";

/** One line of the diff; its first six fields are the contract of `tune plan --json`. */
export interface Change {
  /** The setting's name, or `LimitNOFILE of UNIT`. */
  readonly what: string;
  /** Null where nothing is known to be in force. */
  readonly live: string | null;
  readonly wanted: string;
  readonly why: string;
  readonly bites: string;
  readonly risk: string;
  readonly target:
    | { readonly kind: "sysctl"; readonly name: string }
    | { readonly kind: "limit"; readonly unit: string };
}

/** A value found on this machine that a plan would never hold. */
export interface Danger {
  readonly what: string;
  readonly value: string;
  /** FILE:LINE, or `live`. */
  readonly where: string;
  readonly kind: "dangerous" | "obsolete" | "useless";
  readonly why: string;
}

/** A line that has the last word at the next boot, or at the unit's next start, and says something else. */
export interface Override {
  readonly what: string;
  readonly wanted: string;
  readonly value: string;
  readonly where: string;
}

export interface TunePlan {
  readonly profile: TuneProfile;
  readonly connections: number;
  readonly connectionsFrom: "given" | "held now" | "unknown";
  readonly perSecond: number;
  readonly changes: readonly Change[];
  readonly arithmetic: readonly Sum[];
  readonly advice: readonly Advice[];
  readonly refused: readonly Danger[];
  readonly overrides: readonly Override[];
}

export function planTune(facts: TuneFacts, request: TuneRequest): TunePlan {
  const held = heldConnections(facts.services, request.service);
  const connections = request.connections ?? held ?? 0;
  const perSecond = peakPerSecond(connections, request.perSecond);
  const inputs: RuleInputs = { profile: request.profile, connections, perSecond, facts };
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
      keepalive: liveKeepalive(after),
      retries2: liveNumbers(after, "net.ipv4.tcp_retries2")?.[0] ?? null,
      rtoMaxSeconds: rtoMaxSeconds(after),
    }),
    advice: [...limits.advice, ...adviceFor(inputs)],
    refused: refusals(facts),
    overrides: [...settingOverrides(inputs, changes), ...limits.overrides],
  };
}

/** Changes that must not be made, whoever planned them: the last gate before anything is written. */
export function dangersOf(changes: readonly Change[], facts: TuneFacts): Danger[] {
  const after = withChanges(facts, changes);
  return changes.flatMap(({ what, wanted, target }) => {
    if (target.kind !== "sysctl") return [];
    const judged = judgeValue(target.name, wanted, after);
    return judged === null || judged.kind === "useless"
      ? []
      : [{ what, value: wanted, where: "planned", ...judged }];
  });
}

/** The facts as they would be with the changes made. */
function withChanges(facts: TuneFacts, changes: readonly Change[]): TuneFacts {
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

function planSettings(inputs: RuleInputs): Change[] {
  return RULES.flatMap((rule) => {
    const live = inputs.facts.live.get(rule.name);
    const want = rule.want(inputs);
    if (live === undefined || want === null || inputs.facts.readOnly.has(rule.name)) return [];
    const numbers = numbersOf(live);
    if (numbers === null || rule.fine(numbers, want, inputs)) return [];
    return [
      {
        what: rule.name,
        live,
        wanted: want.join(" "),
        why: rule.why(want, inputs),
        bites: rule.bites,
        risk: rule.risk,
        target: { kind: "sysctl", name: rule.name } as const,
      },
    ];
  });
}

const RESERVED_PORTS = "net.ipv4.ip_local_reserved_ports";

/** Comes before the wider range, so that a listening port is never up for grabs. */
function planReservedPorts(inputs: RuleInputs): Change[] {
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

/** Lines in the machine's files, and live values, that no plan would hold. */
function refusals(facts: TuneFacts): Danger[] {
  const inFiles = facts.lines
    .filter(({ file }) => file !== SYSCTL_FILE)
    .flatMap((line) => {
      const judged = judgeValue(line.key, line.value, facts);
      return judged === null ? [] : [{ what: line.key, value: line.value, where: placeOf(line), ...judged }];
    });
  const named = new Set(inFiles.map(({ what, value }) => `${what}=${value}`));
  const live = [...facts.live].flatMap(([what, value]) => {
    const judged = judgeValue(what, value, facts);
    if (judged?.kind !== "dangerous" || named.has(`${what}=${value}`)) return [];
    return [{ what, value, where: "live", ...judged }];
  });
  return [...inFiles, ...live];
}

/** Lines that come after ours, and lines that will undo what is right only until the next boot. */
function settingOverrides(inputs: RuleInputs, changes: readonly Change[]): Override[] {
  const { facts } = inputs;
  const changed = changes.flatMap(({ target, wanted, what }) => {
    if (target.kind !== "sysctl") return [];
    const line = linesAfterOurs(facts.lines, target.name).at(-1);
    return line === undefined || line.value === wanted
      ? []
      : [{ what, wanted, value: line.value, where: placeOf(line) }];
  });
  const names = new Set(changes.map(({ what }) => what));
  const unchanged = RULES.filter(({ name }) => !names.has(name)).flatMap((rule) => {
    const want = rule.want(inputs);
    const line = lastLine(facts.lines, rule.name);
    const [live, atBoot] = [facts.live.get(rule.name), numbersOf(line?.value)];
    if (want === null || live === undefined || line === null || atBoot === null) return [];
    if (line.value === live || rule.fine(atBoot, want, inputs)) return [];
    return [{ what: rule.name, wanted: live, value: line.value, where: placeOf(line) }];
  });
  return [...changed, ...unchanged];
}

function placeOf({ file, line }: SysctlLine): string {
  return `${file}:${line}`;
}
