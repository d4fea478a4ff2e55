// The lines of other files that come behind our own sysctl file at a boot.

import path from "node:path";
import { OWN_SYSCTL_FILE, type SysctlLine } from "../settings/index.ts";

/** The last line that takes back what our file sets: a later one with the same name. A pattern never overrules a name. */
export function lineAfterOurs(lines: readonly SysctlLine[], key: string): SysctlLine | undefined {
  return lines.findLast((line) => line.key === key && comesAfterOurs(line.file));
}

function comesAfterOurs(file: string): boolean {
  // /etc/sysctl.conf has no place by its name: `sysctl --system` and Debian's link both read it at the end.
  return !/\/sysctl\.d\/[^/]+$/.test(file) || path.basename(file) > path.basename(OWN_SYSCTL_FILE);
}
