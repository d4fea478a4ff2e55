// The sysctls that are in force, of the calling thread's namespace.

import { existsSync, globSync } from "node:fs";
import { readTextIfAllowed, type SystemRoot } from "../linux/index.ts";
import { keyOfPath, sysctlPath } from "./sysctl-keys.ts";
import { normalValue } from "./sysctl-values.ts";

/** What the kernel has for these keys; a key with `*` stands for all that fit. Absent ones are left out. */
export function readSysctls(root: SystemRoot, keys: Iterable<string>): Map<string, string> {
  const live = new Map<string, string>();
  for (const key of keys) {
    for (const each of key.includes("*") ? keysLike(root, key) : [key]) {
      const text = readTextIfAllowed(sysctlFile(root, each));
      if (text !== null) live.set(each, normalValue(text));
    }
  }
  return live;
}

/** Whether there is such a file at all: some may be written but not read. */
export function hasSysctl(root: SystemRoot, key: string): boolean {
  return key.includes("*") ? keysLike(root, key).length > 0 : existsSync(sysctlFile(root, key));
}

/** A sysctl's file in this machine's /proc. */
export function sysctlFile({ proc }: SystemRoot, key: string): string {
  return `${proc}/sys/${sysctlPath(key)}`;
}

function keysLike({ proc }: SystemRoot, pattern: string): string[] {
  return globSync(sysctlPath(pattern), { cwd: `${proc}/sys` }).map(keyOfPath);
}
