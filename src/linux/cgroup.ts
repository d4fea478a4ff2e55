// Finds control groups by inode number. sock_diag tells everybody the group of a socket. So a listener can be given its
// systemd unit's name without the right to look into its process.

import { readdirSync, statSync } from "node:fs";
import { unitOfCgroup } from "./proc-process.ts";
import { isAbsentOrForbidden, type SystemRoot } from "./system-root.ts";

/** How many groups are read before giving up; busy container hosts have some thousands. */
const GROUPS_MAX = 20_000;

/** The systemd units of control groups, by the inode numbers asked for. Unknown groups are left out. */
export function findUnits(root: SystemRoot, inodes: ReadonlySet<number>): Map<number, string> {
  const units = new Map<number, string>();
  const folders = [`${root.sys}/fs/cgroup`];
  for (let i = 0; i < folders.length && i < GROUPS_MAX && units.size < inodes.size; i++) {
    const folder = folders[i]!;
    try {
      const { ino } = statSync(folder);
      const unit = inodes.has(ino) ? unitOfCgroup(folder) : null;
      if (unit !== null) units.set(ino, unit);
      for (const entry of readdirSync(folder, { withFileTypes: true })) {
        if (entry.isDirectory()) folders.push(`${folder}/${entry.name}`);
      }
    } catch (error) {
      if (!isAbsentOrForbidden(error)) throw error;
    }
  }
  return units;
}
