// The sysctl files as a boot reads them: which lines there are, in which order, and whose word is the last.
//
// systemd-sysctl sorts all *.conf by their name, whatever folder they lie in; of two with one name only that of the earlier
// folder is read (sysctl.d(5)). `sysctl --system` does the same and then reads /etc/sysctl.conf; where a distribution links
// that file as 99-sysctl.conf it is read in its place of the order.

import { parseSysctlLines, type SysctlLine } from "../settings/index.ts";

/** Folders of the files, the more important first. */
export const SYSCTL_FOLDERS = [
  "/etc/sysctl.d",
  "/run/sysctl.d",
  "/usr/local/lib/sysctl.d",
  "/usr/lib/sysctl.d",
  "/lib/sysctl.d",
] as const;

/** The one file that is ours. Its name sorts behind most packages' files and before what an administrator puts last. */
export const SYSCTL_FILE = "/etc/sysctl.d/90-sockwarden.conf";

export interface SysctlFile {
  /** The path that a boot finds it under, which decides its place. */
  readonly path: string;
  /** The path behind links, for people to edit. */
  readonly shownPath: string;
  readonly text: string;
}

/** All lines in the order in which a boot applies them. `/etc/sysctl.conf` comes last unless it is linked in. */
export function linesInBootOrder(files: readonly SysctlFile[]): SysctlLine[] {
  return orderOf(files).flatMap(({ text, shownPath }) => parseSysctlLines(text, shownPath));
}

function orderOf(files: readonly SysctlFile[]): SysctlFile[] {
  const byName = new Map<string, SysctlFile>();
  for (const file of files.filter(({ path }) => rankOf(path) >= 0)) {
    const name = baseName(file.path);
    const known = byName.get(name);
    if (known === undefined || rankOf(file.path) < rankOf(known.path)) byName.set(name, file);
  }
  const sorted = [...byName].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, file]) => file);
  const last = files.filter(
    ({ path, shownPath }) => rankOf(path) < 0 && !sorted.some((file) => file.shownPath === shownPath),
  );
  return [...sorted, ...last];
}

/** The lines that come behind our file's and set the same name. */
export function linesAfterOurs(lines: readonly SysctlLine[], name: string): SysctlLine[] {
  return lines.filter((line) => matches(line.key, name) && comesAfterOurs(line.file));
}

/** Whose word on `name` is the last at a boot, our own file left out. */
export function lastLine(lines: readonly SysctlLine[], name: string): SysctlLine | null {
  return lines.findLast((line) => matches(line.key, name)) ?? null;
}

function comesAfterOurs(file: string): boolean {
  // /etc/sysctl.conf has no place by its name: `sysctl --system` and Debian's link both read it at the end.
  return rankOf(file) < 0 || baseName(file) > baseName(SYSCTL_FILE);
}

function matches(pattern: string, name: string): boolean {
  if (!pattern.includes("*")) return pattern === name;
  const [given, wanted] = [pattern.split("."), name.split(".")];
  return given.length === wanted.length && given.every((part, i) => part === "*" || part === wanted[i]);
}

const rankOf = (path: string): number => SYSCTL_FOLDERS.findIndex((folder) => path.startsWith(`${folder}/`));
const baseName = (path: string): string => path.slice(path.lastIndexOf("/") + 1);
