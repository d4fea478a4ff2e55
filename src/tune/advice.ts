// The part of a plan that it recommends and does not write: formulas that need a number nobody gave, settings of
// programs, settings that cannot be written from here.

import { isHarmful, KNOWN_SETTINGS, type KnownSetting, NR_OPEN_USUAL } from "../settings/index.ts";
import type { TuneFacts } from "./facts.ts";
import { GOALS, liveNumbers, mayStay, type PlanInputs } from "./goals.ts";
import { judgeHere } from "./judged.ts";
import type { Advice } from "./tune-plan.ts";

export function planAdvice(inputs: PlanInputs): Advice[] {
  return [
    ...readOnlyAdvice(inputs),
    ...remedies(inputs),
    ...reverseFilterAdvice(inputs),
    ...conntrackAdvice(inputs),
    ...KNOWN_SETTINGS.flatMap((setting) => settingAdvice(setting, inputs)),
  ];
}

/** Machine-wide settings seen from a child namespace. */
function readOnlyAdvice(inputs: PlanInputs): Advice[] {
  const { live, readOnly } = inputs.facts;
  return GOALS.flatMap((goal) => {
    const [value, want] = [live.get(goal.name), goal.want(inputs)];
    if (value === undefined || want === null || !readOnly.has(goal.name)) return [];
    if (mayStay(goal, { value, want }, inputs)) return [];
    const text = `should be ${want.join(" ")}, which cannot be written from inside this namespace or container: set it on the machine, or where the container is started (docker run --sysctl)`;
    return [{ what: goal.name, text }];
  });
}

/** The way back to the kernel's own values, where a live value must not stay and tune never writes the setting. */
function remedies({ facts, profile }: PlanInputs): Advice[] {
  return Object.entries(REMEDIES).flatMap(([what, remedy]) => {
    const value = facts.live.get(what);
    const judged = value === undefined ? null : judgeHere({ what, value, place: "live" }, facts, profile);
    return judged !== null && isHarmful(judged)
      ? [{ what, text: `${value} must not stay: ${remedy(facts)}` }]
      : [];
  });
}

const NEXT_BOOT = "remove the line that sets it, and the next boot brings the kernel's own value back";

const REMEDIES: Readonly<Record<string, (facts: TuneFacts) => string>> = {
  "fs.file-max": ({ memoryBytes }) => {
    // fs/file_table.c, files_maxfiles_init(): a tenth of the memory in KiB.
    const own =
      memoryBytes === null ? "" : `; until then \`sysctl fs.file-max=${Math.floor(memoryBytes / 10_240)}\``;
    return NEXT_BOOT + own;
  },
  "net.ipv4.tcp_mem": ({ memoryBytes, pageBytes }) => {
    if (memoryBytes === null) return NEXT_BOOT;
    // net/ipv4/tcp.c, tcp_init_mem(): a sixteenth of the memory's pages, times 0.75, 1 and 1.5.
    const pressure = Math.floor(memoryBytes / pageBytes / 16);
    return `${NEXT_BOOT}; it is about ${Math.floor(pressure * 0.75)} ${pressure} ${Math.floor(pressure * 1.5)} here`;
  },
  "net.ipv4.tcp_max_orphans": () => NEXT_BOOT,
  "fs.nr_open": () => `${NEXT_BOOT}, ${NR_OPEN_USUAL}`,
};

function reverseFilterAdvice({ facts }: PlanInputs): Advice[] {
  const name = "net.ipv4.conf.all.rp_filter";
  if (liveNumbers(facts, name)[0] !== 1) return [];
  const text =
    "1 (strict) drops clients without a word where packets leave by another way than they come; with several uplinks set 2 (loose)";
  return [{ what: name, text }];
}

function conntrackAdvice({ facts, profile }: PlanInputs): Advice[] {
  if (!facts.live.has("net.netfilter.nf_conntrack_max") || profile === "trunk") return [];
  const text =
    "its settings can be set at a boot only when the module is loaded by then: name nf_conntrack in /etc/modules-load.d";
  return [{ what: "nf_conntrack", text }];
}

/** Recommendations in words, for what this kernel has and for the programs that listen here. */
function settingAdvice(setting: KnownSetting, { profile, facts }: PlanInputs): Advice[] {
  const { name, kind, recommend } = setting;
  const value = recommend[profile];
  if (value === null || value === "n/a") return [];
  const unit = typeof value === "number" && setting.unit === "s" ? " s" : "";
  const text = typeof value === "object" ? value.join(" ") : `${value}${unit}`;
  if (kind === "sysctl") {
    const written = GOALS.some((goal) => goal.name === name);
    return typeof value === "string" && !written && facts.live.has(name) ? [{ what: name, text }] : [];
  }
  if (kind === "app" && facts.services.some(({ program }) => program === name.split(" ")[0]))
    return [{ what: name, text }];
  return kind === "sockopt" && facts.services.length > 0
    ? [{ what: name, text: `in the program: ${text}` }]
    : [];
}
