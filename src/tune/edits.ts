// A plan as texts: one sysctl file, a drop-in for each unit, and values for the kernel. Pure.

import { OWN_SYSCTL_FILE, ownDropInPath, sysctlPath } from "../settings/index.ts";
import type { TuneChange } from "./tune-plan.ts";

export interface FileEdit {
  /** On the machine, without a root before it. */
  readonly path: string;
  readonly text: string;
}

export interface SettingEdit {
  readonly name: string;
  /** Below the folder of /proc. */
  readonly path: string;
  readonly value: string;
  readonly why: string;
}

/** A setting with its value, for the file. */
export interface SettingLine {
  readonly name: string;
  readonly value: string;
  readonly why: string;
}

export function settingEdits(changes: readonly TuneChange[]): SettingEdit[] {
  return changes.flatMap(({ target, wanted, why }) =>
    target.kind === "sysctl"
      ? [{ name: target.name, path: `sys/${sysctlPath(target.name)}`, value: wanted, why }]
      : [],
  );
}

export function limitEdits(changes: readonly TuneChange[]): FileEdit[] {
  return changes.flatMap(({ target, wanted, why }) =>
    target.kind === "limit" ? [{ path: ownDropInPath(target.unit), text: limitText(wanted, why) }] : [],
  );
}

const HEADING = "# Written by `sockwarden tune apply`; `sockwarden tune rollback` takes it back.\n";

export function settingsFile(lines: readonly SettingLine[]): FileEdit {
  const blocks = lines.map(({ name, value, why }) => `\n# ${why}\n${mark(name)}${name} = ${value}\n`);
  return { path: OWN_SYSCTL_FILE, text: HEADING + blocks.join("") };
}

/** A minus lets a boot go on where a module is not loaded yet. */
function mark(name: string): string {
  return name.startsWith("net.netfilter.") ? "-" : "";
}

function limitText(limits: string, why: string): string {
  return `${HEADING}\n# ${why}\n[Service]\nLimitNOFILE=${limits}\n`;
}
