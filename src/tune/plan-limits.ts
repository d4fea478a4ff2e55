// The part of a plan that is about descriptor limits: which services, and what their units should say.

import type { Advice } from "./advice.ts";
import type { ServiceFacts, TuneRequest } from "./facts.ts";
import { dropInPath, formatLimits, isServiceName, type Limits, limitLinesAfterOurs } from "./limits.ts";
import type { Change, Override } from "./plan.ts";
import { liveNumbers, type RuleInputs } from "./rules.ts";
import { descriptorsFor } from "./sizing.ts";

/** Servers of long-lived connections: what a plan without `--service` may set limits for. */
const SERVERS =
  /^(kamailio|opensips|asterisk|freeswitch|drachtio|mosquitto|emqx|vernemq|rabbitmq|beam\.smp|nginx|haproxy|envoy|traefik|caddy|ejabberd|prosody|openfire|dovecot|coturn|turnserver|centrifugo)/;
/** Or whatever holds this many connections. */
const CONNECTIONS_OF_A_SERVER = 100;
/** Without fs.nr_open's file: its value since 2.6.25. */
const NR_OPEN_DEFAULT = 1_048_576;

/** What systemd gives since version 240 to a unit that says nothing. */
const HARD_DEFAULT = 524_288;

export interface LimitPlan {
  readonly changes: readonly Change[];
  readonly advice: readonly Advice[];
  readonly overrides: readonly Override[];
}

export function planLimits(inputs: RuleInputs, { service, connections }: TuneRequest): LimitPlan {
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
  return SERVERS.test(program ?? unit) || (connections ?? 0) >= CONNECTIONS_OF_A_SERVER;
}

function planLimit({ profile, connections, facts }: RuleInputs, service: ServiceFacts): LimitPlan {
  const { unit, limits } = service;
  const what = `LimitNOFILE of ${unit}`;
  const need = descriptorsFor(profile, connections);
  const ceiling = liveNumbers(facts, "fs.nr_open")?.[0] ?? NR_OPEN_DEFAULT;
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
  const hard = Math.min(Math.max(soft, limits?.hard ?? HARD_DEFAULT), ceiling);
  const overriding = limitLinesAfterOurs(service).at(-1);
  const overrides: Override[] =
    overriding === undefined || overriding.soft >= soft
      ? []
      : [
          {
            what,
            wanted: formatLimits({ soft, hard }),
            value: formatLimits(overriding),
            where: `${overriding.file}:${overriding.line}`,
          },
        ];
  const inFiles = service.limitLines.at(-1);
  if (limits !== null && inFiles !== undefined && inFiles.soft >= soft) {
    const text = `${inFiles.file} says ${formatLimits(inFiles)} already; the running process has ${formatLimits(limits)} until \`systemctl daemon-reload\` and a restart of ${unit}`;
    return { changes: [], advice: [...advice, { what, text }], overrides };
  }
  return { changes: [limitChange(unit, limits, { soft, hard })], advice, overrides };
}

function limitChange(unit: string, live: Limits | null, wanted: Limits): Change {
  return {
    what: `LimitNOFILE of ${unit}`,
    live: live === null ? null : formatLimits(live),
    wanted: formatLimits(wanted),
    why: `every connection takes a descriptor of the process, a proxied one two; ${dropInPath(unit)} is the place that a service's limit comes from, limits.conf is not`,
    bites: `after \`systemctl daemon-reload\`, when ${unit} is restarted, which ends its connections: choose the hour`,
    risk: "a program that still uses select() goes wrong above descriptor 1023",
    target: { kind: "limit", unit },
  };
}

/** Services that listen but are left alone: said, so that a plan is not mistaken for one of all. */
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
