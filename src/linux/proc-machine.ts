// What the whole machine may hold: open files, tracked connections, memory for TCP; and how long it has run.

import { readTextIfAllowed, type SystemRoot } from "./system-root.ts";

/** A number in use and how many may be; null where the kernel does not say. */
export interface Use {
  readonly used: number;
  readonly limit: number;
}

/** fs/file-nr: `open 0 most`, of the whole machine. */
export function readOpenFiles(root: SystemRoot): Use | null {
  const [used, , limit] = readNumbers(`${root.proc}/sys/fs/file-nr`);
  return used === undefined || limit === undefined ? null : { used, limit };
}

/** Connections tracked in the calling thread's network namespace; null where the module is not loaded. */
export function readConntrack(root: SystemRoot): Use | null {
  const folder = `${root.proc}/sys/net/netfilter`;
  const [used] = readNumbers(`${folder}/nf_conntrack_count`);
  const [limit] = readNumbers(`${folder}/nf_conntrack_max`);
  return used === undefined || limit === undefined ? null : { used, limit };
}

/** net/ipv4/tcp_mem: pages at which TCP starts to save, and beyond which it refuses; of the whole machine. */
export function readTcpMemoryLimits(
  root: SystemRoot,
): { readonly pressure: number; readonly most: number } | null {
  const [, pressure, most] = readNumbers(`${root.proc}/sys/net/ipv4/tcp_mem`);
  return pressure === undefined || most === undefined ? null : { pressure, most };
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
