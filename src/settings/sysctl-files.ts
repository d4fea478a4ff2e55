// The sysctl files of a machine in the order in which they are applied, and which line wins.
//
// systemd-sysctl reads the folders below; /etc/sysctl.conf only where a link in them leads to it, as Debian's
// 99-sysctl.conf does. procps' `sysctl --system` reads the same folders and /etc/sysctl.conf last.

import { existsSync, globSync } from "node:fs";
import { type MachineRoot, readTextIfAllowed, shownPath } from "../linux/index.ts";
import { linkTarget, listConfFiles } from "./conf-folders.ts";
import { normalValue, parseSysctlLines, type SysctlLine, sysctlPath } from "./sysctl-lines.ts";

export interface SysctlFiles {
  /** In the order in which systemd applies them: of two lines with one key the later one wins. */
  readonly lines: readonly SysctlLine[];
  /** Those of /etc/sysctl.conf where systemd does not read it; procps would apply them last. */
  readonly unread: readonly SysctlLine[];
  /** Files that may not be read. */
  readonly forbidden: readonly string[];
}

export function readSysctlFiles(root: MachineRoot): SysctlFiles {
  const folders = [root.etc, root.run, `${root.usr}/local/lib`, `${root.usr}/lib`].map(
    (folder) => `${folder}/sysctl.d`,
  );
  const main = `${root.etc}/sysctl.conf`;
  const files = listConfFiles(folders);
  const linked = files.some((file) => linkTarget(file) === main);
  const read = (file: string): SysctlLine[] =>
    parseSysctlLines(readTextIfAllowed(file) ?? "", shownPath(root, linkTarget(file) === main ? main : file));
  return {
    lines: files.flatMap(read),
    unread: linked ? [] : read(main),
    forbidden: files.filter((file) => readTextIfAllowed(file) === null).map((file) => shownPath(root, file)),
  };
}

/** What the kernel has now for these keys; a key with `*` stands for all that fit. Absent ones are left out. */
export function readSysctls(root: MachineRoot, keys: Iterable<string>): Map<string, string> {
  const live = new Map<string, string>();
  for (const key of keys) {
    const file = sysctlPath(key);
    const found = key.includes("*") ? globSync(file, { cwd: `${root.proc}/sys` }) : [file];
    for (const each of found) {
      const text = readTextIfAllowed(`${root.proc}/sys/${each}`);
      if (text !== null)
        live.set(found.length > 1 || key.includes("*") ? dots(each) : key, normalValue(text));
    }
  }
  return live;
}

/** Whether there is such a file at all: some may be written but not read. */
export function hasSysctl(root: MachineRoot, key: string): boolean {
  const file = `${root.proc}/sys/${sysctlPath(key)}`;
  return key.includes("*") ? globSync(file).length > 0 : existsSync(file);
}

const dots = (file: string): string => file.replace(/[./]/g, (c) => (c === "/" ? "." : "/"));
