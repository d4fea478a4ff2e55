// What several checks say about sysctls: where a live value comes from, and what to write where.

import type { SysctlLine, TuneProfile } from "../../settings/index.ts";
import { advisedValue, type Lookup, numbersOf } from "../../settings/index.ts";
import type { MachineFacts } from "../facts/machine-facts.ts";

/** A file of our own, behind the distribution's and before /etc/sysctl.conf where that is linked as 99-sysctl.conf. */
export const OWN_SYSCTL_FILE = "/etc/sysctl.d/90-sockwarden.conf";

export const liveLookup =
  ({ sysctls }: MachineFacts): Lookup =>
  (key) =>
    sysctls.get(key);

/** `/proc/sys/net/core/somaxconn: 128`, as a check tells what it read. */
export function readOf(key: string, value: string | undefined): string {
  return `${key}: ${value ?? "absent"}`;
}

export function firstNumber(facts: MachineFacts, key: string): number | null {
  return numbersOf(facts.sysctls.get(key))[0] ?? null;
}

/** Keys with `*` stand for many, among them this one. */
export function lineMatches(line: SysctlLine, key: string): boolean {
  if (!line.key.includes("*")) return line.key === key;
  const pattern = line.key.split("*").map(RegExp.escape).join("[^.]+");
  return new RegExp(`^${pattern}$`).test(key);
}

/** The line that sets this key at boot, if any does: the last one, but a name without `*` goes before one with it. */
export function winningLine(facts: MachineFacts, key: string): SysctlLine | undefined {
  const { lines } = facts.sysctlFiles;
  return lines.findLast((line) => line.key === key) ?? lines.findLast((line) => lineMatches(line, key));
}

/** The command that sets a live value. */
export function writeNow(key: string, value: string): string {
  return `sysctl -w ${key}=${value.includes(" ") ? `"${value}"` : value}`;
}

/** What to write so that the key gets `value`; null stands for the kernel's default. */
export function sysctlFix(facts: MachineFacts, key: string, value: string | null): string[] {
  const line = winningLine(facts, key);
  if (value === null) return line === undefined ? [] : [`${line.file}:${line.line}: delete "${line.text}"`];
  const place = line === undefined ? OWN_SYSCTL_FILE : `${line.file}:${line.line}`;
  return [`${place}: ${key} = ${value}`, writeNow(key, value)];
}

export function advisedFix(facts: MachineFacts, key: string, profile: TuneProfile): string[] {
  return sysctlFix(facts, key, advisedValue(key, profile));
}
