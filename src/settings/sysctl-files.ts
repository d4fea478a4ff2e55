// The sysctl files of a machine in the order in which they are applied.
//
// systemd-sysctl reads the folders below; /etc/sysctl.conf only where a link in them leads to it, as Debian's
// 99-sysctl.conf does. procps' `sysctl --system` reads the same folders and /etc/sysctl.conf last.

import { type MachineRoot, readTextIfAllowed, shownPath, shownPathBehindLinks } from "../linux/index.ts";
import { listConfFiles } from "./conf-folders.ts";
import { parseSysctlLines, type SysctlLine } from "./sysctl-lines.ts";

/** Sockwarden's own file: behind the distribution's, before an administrator's last and Debian's 99-sysctl.conf. */
export const OWN_SYSCTL_FILE = "/etc/sysctl.d/90-sockwarden.conf";

/** Lines name their files by the path behind links, which is the one to edit. */
export interface SysctlFiles {
  /** In the order in which systemd applies them: of two lines with one key the later one wins. */
  readonly lines: readonly SysctlLine[];
  /** The lines of /etc/sysctl.conf where systemd does not read it; procps would apply them last. */
  readonly unread: readonly SysctlLine[];
  /** Files that may not be read. */
  readonly forbidden: readonly string[];
}

export function readSysctlFiles(root: MachineRoot): SysctlFiles {
  const main = `${root.etc}/sysctl.conf`;
  const files = listConfFiles(sysctlFolders(root));
  const shown = (file: string): string => shownPathBehindLinks(root, file);
  const linked = files.some((file) => shown(file) === shown(main));
  const read = (file: string): SysctlLine[] => parseSysctlLines(readTextIfAllowed(file) ?? "", shown(file));
  return {
    lines: files.flatMap(read),
    unread: linked ? [] : read(main),
    forbidden: files.filter((file) => readTextIfAllowed(file) === null).map((file) => shownPath(root, file)),
  };
}

/** All lines in the order of a boot. A program that reads /etc/sysctl.conf without a link to it reads it last. */
export function bootLines({ lines, unread }: SysctlFiles): SysctlLine[] {
  return [...lines, ...unread];
}

function sysctlFolders({ etc, run, usr, lib }: MachineRoot): string[] {
  return [etc, run, `${usr}/local/lib`, `${usr}/lib`, lib].map((folder) => `${folder}/sysctl.d`);
}
