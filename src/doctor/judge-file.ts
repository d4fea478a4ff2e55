// Judges a given file of settings line by line: sysctl.conf, limits.conf, or systemd's system.conf and drop-ins, told apart
// by what each line looks like. Pure: for files from other machines, from a web page, or from before an upgrade.

import type { Severity } from "../model/index.ts";
import {
  judgeValue,
  KNOWN_SETTINGS,
  parseLimitsConf,
  parseSysctlLines,
  parseUnitLines,
  type Remedy,
  remediesOf,
  SYSTEMD_LIMITS,
  type SysctlLine,
  type SysctlLookup,
  settingOf,
  type TuneProfile,
  type ValueJudgement,
  type ValueVerdict,
} from "../settings/index.ts";
import type { CheckResult } from "./check.ts";

const PAGE_BYTES = 4096;

const SEVERITY_OF_LINE: Readonly<Record<ValueVerdict, Severity>> = {
  dangerous: "critical",
  wrong: "warning",
  obsolete: "warning",
  adjust: "notice",
  "no-op": "notice",
  keep: "notice",
};

/** A line of a file with its verdict. */
export interface LineVerdict {
  readonly line: number;
  readonly text: string;
  /** The setting's name, or the text where nobody knows it. */
  readonly setting: string;
  /** Null for a line that nothing is known of. */
  readonly verdict: ValueVerdict | null;
  readonly why: string;
  readonly advice: string;
  readonly source: string;
}

export function judgeFile(text: string, profile: TuneProfile): LineVerdict[] {
  const sysctls = parseSysctlLines(text, "");
  const lookup = lookupOf(sysctls);
  const known = new Map<number, LineVerdict>();
  for (const line of sysctls) known.set(line.line, sysctlVerdict(line, sysctls, lookup, profile));
  for (const verdict of [...limitsVerdicts(text), ...unitVerdicts(text)]) known.set(verdict.line, verdict);
  return text.split("\n").flatMap((raw, i) => {
    const content = raw.trim();
    if (content === "" || /^[#;[]/.test(content)) return [];
    return [known.get(i + 1) ?? unknownLine(i + 1, content)];
  });
}

function lookupOf(lines: readonly SysctlLine[]): SysctlLookup {
  return (key) => lines.findLast((line) => line.key === key)?.value;
}

function sysctlVerdict(
  { key, value, line, text }: SysctlLine,
  all: readonly SysctlLine[],
  lookup: SysctlLookup,
  profile: TuneProfile,
): LineVerdict {
  const setting = settingOf(key);
  const context = { profile, lookup, place: "file", memoryBytes: null, pageBytes: PAGE_BYTES } as const;
  const judgement = judgeValue(key, value, context);
  if (judgement === null) return { ...unknownLine(line, text), setting: key };
  const last = all.findLast((other) => other.key === key)!;
  const repeated = last.line === line ? "" : ` Line ${last.line} sets it again and wins.`;
  return {
    line,
    text,
    setting: key,
    verdict: judgement.verdict,
    why: `${judgement.text}.${repeated}`,
    advice: lineAdvice(judgement, key, remediesOf(key, value, context)),
    source: setting?.sources.join("; ") ?? "the kernel's documentation",
  };
}

function lineAdvice({ verdict }: ValueJudgement, own: string, remedies: readonly Remedy[]): string {
  if (verdict === "keep") return "";
  return remedies
    .map(({ key, value }) => {
      if (value === null) return key === own ? "delete the line" : `delete the line of ${key}`;
      return `set ${key === own ? "it" : key} to ${value}`;
    })
    .join(", ");
}

function limitsVerdicts(text: string): LineVerdict[] {
  const setting = KNOWN_SETTINGS.find(({ kind }) => kind === "rlimit")!;
  return parseLimitsConf(text, "").map(({ line, text: content, item, type, value, domain }) => {
    const hard = type !== "soft" && value < SYSTEMD_LIMITS.hard;
    const layer = `limits.conf reaches login sessions only, no systemd service${domain === "*" ? ", and * is not root" : ""}`;
    return {
      line,
      text: content,
      setting: `limits.conf ${item}`,
      verdict: item === "nofile" ? ("wrong" as const) : ("no-op" as const),
      why:
        item === "nofile"
          ? `${layer}${hard ? "; it lowers the hard limit of every login from 524288" : ""}.`
          : "connections are descriptors; this limits something else.",
      advice: item === "nofile" ? "set LimitNOFILE on the service's unit instead" : "",
      source: setting.sources.join("; "),
    };
  });
}

function unitVerdicts(text: string): LineVerdict[] {
  const limits = parseUnitLines(text, "").filter(({ name }) => /^(Default)?Limit(NOFILE|NPROC)$/.test(name));
  return limits.map(({ name, value, line }) => {
    const setting = KNOWN_SETTINGS.find(
      ({ kind, name: known }) => kind === "systemd" && known.includes(name.replace("Default", "")),
    )!;
    const every = name.startsWith("Default");
    const descriptors = name.endsWith("NOFILE");
    const scope = every
      ? "it changes every service of the machine, and each must be restarted"
      : "it changes one service";
    return {
      line,
      text: `${name}=${value}`,
      setting: name,
      verdict: every || !descriptors ? ("adjust" as const) : ("keep" as const),
      why: descriptors
        ? `${scope}.`
        : `${scope}; connections are descriptors, not processes, and a server with a fixed number of workers never meets it.`,
      advice: descriptors
        ? every
          ? "set LimitNOFILE on the one unit that needs it"
          : ""
        : "delete the line",
      source: setting.sources.join("; "),
    };
  });
}

function unknownLine(line: number, text: string): LineVerdict {
  const why = "not a setting that decides over connections, or not one that is known here.";
  return { line, text, setting: text, verdict: null, why, advice: "", source: "" };
}

/** A line's verdict as a check: a line to keep is ok, an unknown one is not told. */
export function lineResult(file: string, verdict: LineVerdict): CheckResult {
  const word = verdict.verdict ?? "unknown";
  return {
    id: verdict.setting,
    severity: SEVERITY_OF_LINE[verdict.verdict ?? "keep"],
    ok: verdict.verdict === null ? null : verdict.verdict === "keep",
    text: `${word}: ${verdict.why}`,
    read: [`${file}:${verdict.line}: ${verdict.text}`],
    advice: verdict.advice === "" ? null : verdict.advice,
    fix: [],
    source: verdict.source,
  };
}
