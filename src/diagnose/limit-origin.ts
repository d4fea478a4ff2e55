// Where a process's descriptor limit comes from: LimitNOFILE of its systemd unit, and what limits.conf says, which
// applies to logins only and is where people scan first.

import { globSync } from "node:fs";
import path from "node:path";
import { type MachineRoot, readTextIfAllowed, readUnit } from "../linux/index.ts";
import type { LimitOrigin } from "./observation.ts";

/** Later ones win, as in systemd.unit(5). */
const UNIT_FOLDERS = [
  "usr/lib/systemd/system",
  "lib/systemd/system",
  "run/systemd/system",
  "etc/systemd/system",
];
const PAM_FILES = ["etc/security/limits.conf", "etc/security/limits.d/*.conf"];

type FileLimit = { readonly soft: number; readonly file: string };

export function readLimitOrigin(root: MachineRoot, pid: number): LimitOrigin {
  const files = path.dirname(root.etc);
  const unit = readUnit(root, pid);
  return {
    unit,
    unitLimit: unit === null ? null : readUnitLimit(files, unit),
    pamLimit: readPamLimit(files),
  };
}

/** The last LimitNOFILE= of the unit's file and its drop-ins. */
function readUnitLimit(files: string, unit: string): FileLimit | null {
  // A name from /proc is used in a path: instance names may hold dots, but never a slash.
  if (unit.includes("/")) return null;
  const own = UNIT_FOLDERS.map((folder) => path.join(files, folder, unit));
  const dropIns = UNIT_FOLDERS.flatMap((folder) => matching(path.join(files, folder, `${unit}.d`), "*.conf"));
  let found: FileLimit | null = null;
  for (const file of [...own, ...dropIns]) {
    for (const [, value] of (readTextIfAllowed(file) ?? "").matchAll(/^\s*LimitNOFILE\s*=\s*(\S+)/gm)) {
      const soft = limitNumber(value!.split(":")[0]!);
      if (soft !== null) found = { soft, file: shownName(files, file) };
    }
  }
  return found;
}

/** The highest nofile that limits.conf or a file of its folder sets, for whomever. */
function readPamLimit(files: string): FileLimit | null {
  let most: FileLimit | null = null;
  for (const file of PAM_FILES.flatMap((pattern) => matching(files, pattern))) {
    for (const [, value] of (readTextIfAllowed(file) ?? "").matchAll(
      /^\s*[^#\s]+\s+(?:soft|hard|-)\s+nofile\s+(\S+)/gm,
    )) {
      const soft = limitNumber(value!);
      if (soft !== null && soft > (most?.soft ?? -1)) most = { soft, file: shownName(files, file) };
    }
  }
  return most;
}

function matching(folder: string, pattern: string): string[] {
  return globSync(pattern, { cwd: folder })
    .sort()
    .map((name) => path.join(folder, name));
}

function limitNumber(text: string): number | null {
  if (text === "infinity" || text === "unlimited" || text === "-1") return Number.POSITIVE_INFINITY;
  return /^\d+$/.test(text) ? Number(text) : null;
}

/** As it is called on the machine that is looked at. */
function shownName(files: string, file: string): string {
  return `/${path.relative(files, file)}`;
}
