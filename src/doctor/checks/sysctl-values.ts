// One check for each sysctl that matters: `settings` judges its live value.

import type { Severity } from "../../model/index.ts";
import {
  JUDGED_KEYS,
  judgeValue,
  lookupIn,
  type Remedy,
  remediesOf,
  settingOf,
  type ValueVerdict,
} from "../../settings/index.ts";
import { type DoctorCheck, failed, ok } from "../check.ts";
import { readOf, sysctlFix } from "./about-sysctls.ts";

const SEVERITY_OF_VALUE: Readonly<Partial<Record<ValueVerdict, Severity>>> = {
  dangerous: "critical",
  wrong: "warning",
  obsolete: "warning",
  adjust: "notice",
};

/** Judged by files-of-machine and sysctl-unknown, or never at fault. */
const LEFT_OUT = new Set([
  "fs.file-max",
  "net.ipv4.tcp_tw_recycle",
  "net.core.rmem_max",
  "net.core.wmem_max",
  "net.core.optmem_max",
  "net.ipv4.tcp_syn_linear_timeouts",
  "net.ipv4.tcp_migrate_req",
]);

export const SYSCTL_VALUE_CHECKS: readonly DoctorCheck[] = [...JUDGED_KEYS, "net.ipv4.conf.all.rp_filter"]
  .filter((key) => !LEFT_OUT.has(key))
  .map(valueCheck);

function valueCheck(key: string): DoctorCheck {
  const setting = settingOf(key);
  return {
    id: key,
    severity: "notice",
    about: `the value of ${key}`,
    reads: `/proc/sys/${key.replaceAll(".", "/")}`,
    judge: (facts, profile) => {
      const value = facts.sysctls.get(key);
      if (value === undefined) return ok(`${key} does not exist here, on this kernel or in this namespace`);
      const { memoryBytes, pageBytes } = facts;
      const context = {
        profile,
        lookup: lookupIn(facts.sysctls),
        place: "live",
        memoryBytes,
        pageBytes,
      } as const;
      const { verdict, text } = judgeValue(key, value, context)!;
      const read = [readOf(key, value)];
      const severity = SEVERITY_OF_VALUE[verdict];
      if (severity === undefined) return ok(`${value}: ${text}`, read);
      const risk = setting?.risk ?? "";
      const bites = setting?.takesEffect ? ` It takes effect: ${setting.takesEffect}.` : "";
      const remedies = remediesOf(key, value, context);
      return failed({
        severity,
        text: `${key} = ${value}: ${text}.`,
        read,
        advice: `${remedyText(key, remedies)}${bites}${risk === "" || risk === "none" ? "" : ` Mind: ${risk}`}`,
        fix: remedies.flatMap((remedy) => sysctlFix(facts, remedy.key, remedy.value)),
      });
    },
    advice: "Set it to the value advised for the profile.",
    source: setting?.sources.join("; ") ?? "the kernel's documentation",
  };
}

/** `Set it to 10.`, and the other settings by their names. */
function remedyText(key: string, remedies: readonly Remedy[]): string {
  return remedies
    .map((remedy) => {
      const it = remedy.key === key ? "it" : remedy.key;
      return remedy.value === null ? `Leave ${it} to the kernel's default.` : `Set ${it} to ${remedy.value}.`;
    })
    .join(" ");
}
