// The whole machine's memory, open files, tracked connections and memory for TCP, with their limits; and how long it
// has run.

import { readFileSync } from "node:fs";
import { isAbsentOrForbidden, readTextIfAllowed, type SystemRoot } from "./system-root.ts";

/** A number in use and its limit; null if the kernel does not show it. */
export interface Use {
  readonly used: number;
  readonly limit: number;
}

/** fs/file-nr: `open 0 most`, of the whole machine. */
export function readOpenFiles(root: SystemRoot): Use | null {
  const [used, , limit] = readNumbers(`${root.proc}/sys/fs/file-nr`);
  return used === undefined || limit === undefined ? null : { used, limit };
}

/** Connections tracked in the calling thread's network namespace; null if the module is not loaded. */
export function readConntrack(root: SystemRoot): Use | null {
  const folder = `${root.proc}/sys/net/netfilter`;
  const [used] = readNumbers(`${folder}/nf_conntrack_count`);
  const [limit] = readNumbers(`${folder}/nf_conntrack_max`);
  return used === undefined || limit === undefined ? null : { used, limit };
}

/**
 * net/ipv4/tcp_mem, in pages of the whole machine: TCP starts to save at the first number, and refuses beyond the
 * second.
 */
export function readTcpMemoryLimits(
  root: SystemRoot,
): { readonly pressure: number; readonly most: number } | null {
  const [, pressure, most] = readNumbers(`${root.proc}/sys/net/ipv4/tcp_mem`);
  return pressure === undefined || most === undefined ? null : { pressure, most };
}

export interface MachineMemory {
  readonly totalBytes: number;
  /** Memory that programs could still get without swapping; null on kernels before 3.14. */
  readonly availableBytes: number | null;
}

/** meminfo; null if it may not be read. */
export function readMemory(root: SystemRoot): MachineMemory | null {
  const text = readTextIfAllowed(`${root.proc}/meminfo`) ?? "";
  const bytes = (name: string): number | null => {
    const match = new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(text);
    return match === null ? null : 1024 * Number(match[1]);
  };
  const totalBytes = bytes("MemTotal");
  return totalBytes === null ? null : { totalBytes, availableBytes: bytes("MemAvailable") };
}

const AT_PAGESZ = 6n;
const PAGE_BYTES_USUAL = 4096;

/** AT_PAGESZ of the auxiliary vector: pairs of machine words, key and value (getauxval(3)). */
export function readPageBytes(root: SystemRoot): number {
  try {
    const vector = readFileSync(`${root.proc}/self/auxv`);
    for (let at = 0; at + 16 <= vector.length; at += 16) {
      if (vector.readBigUInt64LE(at) === AT_PAGESZ) return Number(vector.readBigUInt64LE(at + 8));
    }
  } catch (error) {
    if (!isAbsentOrForbidden(error)) throw error;
  }
  return PAGE_BYTES_USUAL;
}

/** Seconds since boot. */
export function readUptime(root: SystemRoot): number | null {
  return readNumbers(`${root.proc}/uptime`)[0] ?? null;
}

function readNumbers(path: string): number[] {
  const text = readTextIfAllowed(path)?.trim() ?? "";
  return text === ""
    ? []
    : text
        .split(/\s+/)
        .map(Number)
        .filter((n) => !Number.isNaN(n));
}
