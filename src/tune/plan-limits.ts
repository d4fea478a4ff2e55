// The part of a plan about descriptor limits: which services get one, and the lines of their units.

import type { DescriptorLimits } from "../linux/index.ts";
import {
  formatDescriptorLimits,
  isServerProgram,
  isServiceName,
  limitLinesAfterOurs,
  linePlace,
  NR_OPEN_USUAL,
  ownDropInPath,
  SYSTEMD_LIMITS,
} from "../settings/index.ts";
import type { ServiceFacts, TuneRequest } from "./facts.ts";
import { liveNumbers, type PlanInputs } from "./goals.ts";
import { descriptorsFor } from "./sizing.ts";
import type { Advice, Override, TuneChange } from "./tune-plan.ts";

/** A program with this many connections is a server, whatever its name. */
const CONNECTIONS_OF_A_SERVER = 100;

export interface LimitPlan {
  readonly changes: readonly TuneChange[];
  readonly advice: readonly Advice[];
  readonly overrides: readonly Override[];
}

export function planLimits(inputs: PlanInputs, { service, connections }: TuneRequest): LimitPlan {
  const { services } = inputs.facts;
  const chosen = services.filter((facts) => (service === null ? isServer(facts) : facts.unit === service));
  const plans = chosen.map((facts) =>
    planLimit({ ...inputs, connections: connections ?? facts.connections ?? 0 }, facts),
  );
  const left = service === null ? services.filter((facts) => !chosen.includes(facts)) : [];
  return {
    changes: plans.flatMap(({ changes }) => changes),
    advice: [...plans.flatMap(({ advice }) => advice), ...tellOfOthers(left, chosen)],
    overrides: plans.flatMap(({ overrides }) => overrides),
  };
}

function isServer({ unit, program, connections }: ServiceFacts): boolean {
  return isServerProgram(program ?? unit) || (connections ?? 0) >= CONNECTIONS_OF_A_SERVER;
}

function planLimit({ profile, connections, facts }: PlanInputs, service: ServiceFacts): LimitPlan {
  const { unit, limits } = service;
  const what = `LimitNOFILE of ${unit}`;
  const need = descriptorsFor(profile, connections);
  const ceiling = liveNumbers(facts, "fs.nr_open")[0] ?? NR_OPEN_USUAL;
  const soft = Math.min(need, ceiling);
  const advice: Advice[] = [];
  if (need > ceiling) {
    const text = `${need} descriptors are more than fs.nr_open, ${ceiling}; raise that first, or spread the connections over several processes`;
    advice.push({ what, text });
  }
  if (limits !== null && limits.soft >= soft) return { changes: [], advice, overrides: [] };
  if (!isServiceName(unit)) {
    advice.push({
      what,
      text: `no service of systemd's: give it ${soft} where it is started (containers: --ulimit nofile)`,
    });
    return { changes: [], advice, overrides: [] };
  }
  // A number alone would lower the hard limit of a unit that has systemd's 524288.
  const hard = Math.min(Math.max(soft, limits?.hard ?? SYSTEMD_LIMITS.hard), ceiling);
  const overriding = limitLinesAfterOurs(service.limitLines).at(-1);
  const overrides: Override[] =
    overriding === undefined || overriding.soft >= soft
      ? []
      : [
          {
            what,
            wanted: formatDescriptorLimits({ soft, hard }),
            value: formatDescriptorLimits(overriding),
            where: linePlace(overriding),
          },
        ];
  const inFiles = service.limitLines.at(-1);
  if (limits !== null && inFiles !== undefined && inFiles.soft >= soft) {
    const text = `${inFiles.file} says ${formatDescriptorLimits(inFiles)} already; the running process has ${formatDescriptorLimits(limits)} until \`systemctl daemon-reload\` and a restart of ${unit}`;
    return { changes: [], advice: [...advice, { what, text }], overrides };
  }
  return { changes: [limitChange(unit, limits, { soft, hard })], advice, overrides };
}

function limitChange(unit: string, live: DescriptorLimits | null, wanted: DescriptorLimits): TuneChange {
  return {
    what: `LimitNOFILE of ${unit}`,
    live: live === null ? null : formatDescriptorLimits(live),
    wanted: formatDescriptorLimits(wanted),
    why: `every connection takes a descriptor of the process, a proxied one two; ${ownDropInPath(unit)} is where a service's limit comes from, not limits.conf`,
    bites: `after \`systemctl daemon-reload\`, when ${unit} is restarted, which ends its connections: choose the hour`,
    risk: "a program that still uses select() goes wrong above descriptor 1023",
    target: { kind: "limit", unit },
  };
}

/** Names the services that listen but are left alone, so that nobody takes the plan for one of all services. */
function tellOfOthers(left: readonly ServiceFacts[], chosen: readonly ServiceFacts[]): Advice[] {
  if (chosen.length > 0) return [];
  if (left.length === 0) {
    const text =
      "nothing is seen to listen here (root sees more); name the unit that is meant with --service";
    return [{ what: "LimitNOFILE", text }];
  }
  const units = left.map(({ unit }) => unit).join(", ");
  return [
    {
      what: "LimitNOFILE",
      text: `no known server of long-lived connections listens here; name the one that you mean with --service (listening: ${units})`,
    },
  ];
}
