// The sysctls that are in force, of the calling thread's namespace.

import { existsSync, globSync } from "node:fs";
import { readTextIfAllowed, type SystemRoot } from "../linux/index.ts";
import { keyOfPath, sysctlPath } from "./sysctl-keys.ts";
import { normalValue } from "./sysctl-values.ts";

/** The kernel's values of these keys. A key with `*` stands for all that fit. Absent keys are left out. */
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

/** Whether the kernel has this file. It need not be readable: some files may only be written. */
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
