// The words of several checks about sysctls: where a live value comes from, and which line to write where.

import { linePlace, numbersOf, OWN_SYSCTL_FILE, winningLine } from "../../settings/index.ts";
import type { MachineFacts } from "../facts/machine-facts.ts";

/** `net.core.somaxconn: 128`, as a check tells what it read. */
export function readOf(key: string, value: string | undefined): string {
  return `${key}: ${value ?? "absent"}`;
}

/** The first number of a live value; null where it is absent or no number. */
export function liveNumber({ sysctls }: MachineFacts, key: string): number | null {
  return numbersOf(sysctls.get(key))[0] ?? null;
}

/** The command that sets a live value. */
export function writeCommand(key: string, value: string): string {
  return `sysctl -w ${key}=${value.includes(" ") ? `"${value}"` : value}`;
}

/** The lines to write so that the key gets `value`; null stands for the kernel's default. */
export function sysctlFix({ sysctlFiles }: MachineFacts, key: string, value: string | null): string[] {
  const line = winningLine(sysctlFiles.lines, key);
  if (value === null) return line === undefined ? [] : [`${linePlace(line)}: delete "${line.text}"`];
  const place = line === undefined ? OWN_SYSCTL_FILE : linePlace(line);
  return [`${place}: ${key} = ${value}`, writeCommand(key, value)];
}
