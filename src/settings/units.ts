// The files of systemd: a unit's own, its drop-ins, and the manager's settings (systemd.unit(5), systemd-system.conf(5)).

import { type MachineRoot, readTextIfAllowed, shownPath } from "../linux/index.ts";
import { listConfFiles } from "./conf-folders.ts";
import { lastOfEach, parseUnitLines, type UnitSetting, withoutTakenBack } from "./unit-lines.ts";

export interface UnitFiles {
  /** The unit's own file, or its template's; null where none is installed. */
  readonly file: string | null;
  /** The assignments of the section named after the unit's type, in the order of reading: the last of a name wins. */
  readonly settings: readonly UnitSetting[];
}

/** A unit's file and drop-ins, with those of its template and its type. A name that no unit can have gets none. */
export function readUnitFiles(root: MachineRoot, unit: string): UnitFiles {
  const parts = /^([A-Za-z0-9:_.@\\-]{1,240})\.([a-z]+)$/.exec(unit);
  if (parts === null || unit.startsWith(".")) return { file: null, settings: [] };
  const [, stem, type] = parts as unknown as [string, string, string];
  // kamailio@a.service is made from kamailio@.service, and takes the drop-ins of both.
  const names = [...new Set([unit, `${stem.replace(/@.*/, "@")}.${type}`])];
  const places = [...systemdFolders(root), `${root.lib}/systemd`].map((folder) => `${folder}/system`);
  const own = names.flatMap((name) => places.map((place) => `${place}/${name}`));
  const dropIns = [
    ...places.flatMap((place) => names.map((name) => `${place}/${name}.d`)),
    ...places.map((place) => `${place}/${type}.d`),
  ];
  const file = own.find((candidate) => readTextIfAllowed(candidate) !== null);
  const files = [...(file === undefined ? [] : [file]), ...listConfFiles(dropIns)];
  const section = type[0]!.toUpperCase() + type.slice(1);
  return {
    file: file === undefined ? null : shownPath(root, file),
    settings: readAssignments(root, files, section),
  };
}

/** The manager's settings (system.conf and its drop-ins), the last of each name. */
export function readManagerSettings(root: MachineRoot): UnitSetting[] {
  const folders = systemdFolders(root);
  const main = folders.map((folder) => `${folder}/system.conf`);
  const file = main.find((candidate) => readTextIfAllowed(candidate) !== null);
  const dropIns = listConfFiles(folders.map((folder) => `${folder}/system.conf.d`));
  return lastOfEach(readAssignments(root, [...(file === undefined ? [] : [file]), ...dropIns], "Manager"));
}

/** The highest rank first. */
function systemdFolders({ etc, run, usr }: MachineRoot): string[] {
  return [etc, run, `${usr}/lib`].map((folder) => `${folder}/systemd`);
}

function readAssignments(root: MachineRoot, files: readonly string[], section: string): UnitSetting[] {
  const all = files.flatMap((file) => parseUnitLines(readTextIfAllowed(file) ?? "", shownPath(root, file)));
  return withoutTakenBack(all.filter((setting) => setting.section === section));
}

/** Names of services as systemd accepts them; nothing in them can leave the folder of units. */
export function isServiceName(name: string): boolean {
  return /^[A-Za-z0-9:_.@\\-]{1,240}\.service$/.test(name) && !name.startsWith(".");
}
