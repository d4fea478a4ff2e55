// What systemd's files say about descriptor limits: DefaultLimitNOFILE for all services, LimitNOFILE for one.

import { type MachineRoot, readTextIfAllowed, shownPath } from "../linux/index.ts";
import { listConfFiles } from "./conf-folders.ts";

/** A setting with the place that it comes from. */
export interface UnitSetting {
  readonly name: string;
  readonly value: string;
  readonly file: string;
  readonly line: number;
}

export interface SoftHard {
  readonly soft: number;
  readonly hard: number;
}

/** `NAME=VALUE` lines in their order. An empty value takes back what came before it. */
export function parseUnitLines(text: string, file: string): UnitSetting[] {
  return text.split("\n").flatMap((raw, i) => {
    const match = /^\s*([A-Za-z]\w*)\s*=\s*(.*?)\s*$/.exec(raw);
    return match === null ? [] : [{ name: match[1]!, value: match[2]!, file, line: i + 1 }];
  });
}

/** `N`, `SOFT:HARD` or `infinity` (systemd.exec(5)); null for what is none of them. */
export function parseLimitValue(value: string): SoftHard | null {
  const [soft, hard] = value.split(":").map((part) => {
    if (part === "infinity") return Number.POSITIVE_INFINITY;
    return /^\d+$/.test(part) ? Number(part) : Number.NaN;
  });
  if (soft === undefined || Number.isNaN(soft) || Number.isNaN(hard)) return null;
  return { soft, hard: hard ?? soft };
}

/** The manager's settings (system.conf and its drop-ins), the last of each name. */
export function readManagerSettings(root: MachineRoot): UnitSetting[] {
  const drops = folders(root).map((folder) => `${folder}/system.conf.d`);
  const main = [root.etc, root.run, `${root.usr}/lib`].map((folder) => `${folder}/systemd/system.conf`);
  const file = main.find((candidate) => readTextIfAllowed(candidate) !== null);
  return lastOfEach(root, [...(file === undefined ? [] : [file]), ...listConfFiles(drops)]);
}

/** A unit's settings (its file and its drop-ins, those of its template and its type), the last of each name. */
export function readUnitSettings(root: MachineRoot, unit: string): UnitSetting[] {
  const template = unit.replace(/@[^.]*(?=\.)/, "@");
  const type = unit.slice(unit.lastIndexOf(".") + 1);
  const places = folders(root).map((folder) => `${folder}/system`);
  const names = [...new Set([unit, template])];
  const files = names.flatMap((name) => places.map((place) => `${place}/${name}`));
  const file = files.find((candidate) => readTextIfAllowed(candidate) !== null);
  const drops = [...names, type].flatMap((name) => places.map((place) => `${place}/${name}.d`));
  return lastOfEach(root, [...(file === undefined ? [] : [file]), ...listConfFiles(drops)]);
}

function folders(root: MachineRoot): string[] {
  return [root.etc, root.run, `${root.usr}/lib`].map((folder) => `${folder}/systemd`);
}

function lastOfEach(root: MachineRoot, files: readonly string[]): UnitSetting[] {
  const last = new Map<string, UnitSetting>();
  for (const file of files) {
    for (const setting of parseUnitLines(readTextIfAllowed(file) ?? "", shownPath(root, file))) {
      if (setting.value === "") last.delete(setting.name);
      else last.set(setting.name, setting);
    }
  }
  return [...last.values()];
}
