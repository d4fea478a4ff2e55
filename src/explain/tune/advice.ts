// What a plan recommends and does not write: formulas that need a number nobody gave, settings of programs, settings that
// cannot be written from here.

import { SETTINGS, type Setting } from "../settings/settings.ts";
import { liveNumbers, RULES, type RuleInputs } from "./rules.ts";

export interface Advice {
  readonly what: string;
  readonly text: string;
}

export function adviceFor(inputs: RuleInputs): Advice[] {
  return [
    ...readOnlyAdvice(inputs),
    ...reverseFilterAdvice(inputs),
    ...conntrackAdvice(inputs),
    ...SETTINGS.flatMap((setting) => settingAdvice(setting, inputs)),
  ];
}

/** Machine-wide settings seen from a child namespace. */
function readOnlyAdvice(inputs: RuleInputs): Advice[] {
  return RULES.flatMap(({ name, want, fine }) => {
    const [live, wanted] = [liveNumbers(inputs.facts, name), want(inputs)];
    if (!inputs.facts.readOnly.has(name) || live === null || wanted === null || fine(live, wanted, inputs))
      return [];
    return [
      {
        what: name,
        text: `should be ${wanted.join(" ")}; it is the machine's, not this namespace's: set it there`,
      },
    ];
  });
}

function reverseFilterAdvice({ facts }: RuleInputs): Advice[] {
  const name = "net.ipv4.conf.all.rp_filter";
  if (liveNumbers(facts, name)?.[0] !== 1) return [];
  const text =
    "1 (strict) drops clients without a word where packets leave by another way than they come; with several uplinks set 2 (loose)";
  return [{ what: name, text }];
}

function conntrackAdvice({ facts, profile }: RuleInputs): Advice[] {
  if (!facts.live.has("net.netfilter.nf_conntrack_max") || profile === "trunk") return [];
  const text =
    "its settings can be set at a boot only when the module is loaded by then: name nf_conntrack in /etc/modules-load.d";
  return [{ what: "nf_conntrack", text }];
}

/** Recommendations in words, for what this kernel has and for the programs that listen here. */
function settingAdvice(setting: Setting, { profile, facts }: RuleInputs): Advice[] {
  const { name, kind, recommend } = setting;
  const value = recommend[profile];
  if (value === null || value === "n/a") return [];
  const text = typeof value === "object" ? value.join(" ") : String(value);
  if (kind === "sysctl") {
    const written = RULES.some((rule) => rule.name === name);
    return typeof value === "string" && !written && facts.live.has(name) ? [{ what: name, text }] : [];
  }
  if (kind === "app" && facts.services.some(({ program }) => program === name.split(" ")[0]))
    return [{ what: name, text }];
  return kind === "sockopt" && facts.services.length > 0
    ? [{ what: name, text: `in the program: ${text}` }]
    : [];
}
