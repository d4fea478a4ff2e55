// Tells network namespaces apart: old values put back into another one would be as wrong as any change.

import { readlinkSync } from "node:fs";
import { isAbsentOrForbidden, readTextIfAllowed, type SystemRoot } from "../linux/index.ts";

export interface NamespaceMark {
  /** For example `net:[4026531840]`; null where unknown. After a boot another namespace may have it. */
  readonly id: string | null;
  /** The kernel's id of this boot; null where unknown. */
  readonly boot: string | null;
  /** Whether it is process 1's, which a boot sets up from the files; true also where unknown. */
  readonly first: boolean;
}

/** The mark of the calling thread's namespace. */
export function readNamespaceMark(system: SystemRoot): NamespaceMark {
  const id = ifAllowed(() => readlinkSync(`${system.proc}/thread-self/ns/net`));
  const first = ifAllowed(() => readlinkSync(`${system.proc}/1/ns/net`));
  const boot = readTextIfAllowed(`${system.proc}/sys/kernel/random/boot_id`)?.trim() ?? null;
  return { id, boot, first: id === null || first === null || id === first };
}

/** After a boot only the first namespace is still there. */
export function isSameNamespace(recorded: NamespaceMark, here: NamespaceMark): boolean {
  return recorded.boot === here.boot ? recorded.id === here.id : recorded.first && here.first;
}

function ifAllowed(read: () => string): string | null {
  try {
    return read();
  } catch (error) {
    if (isAbsentOrForbidden(error)) return null;
    throw error;
  }
}
