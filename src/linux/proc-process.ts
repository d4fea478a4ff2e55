// Reads what /proc says about one process. Every value is null if the process is gone or belongs to somebody else.

import { readdirSync, statSync } from "node:fs";
import path from "node:path";
import { isAbsentOrForbidden, readTextIfAllowed, type SystemRoot } from "./system-root.ts";

/** The processes that this /proc shows, in ascending order. */
export function listPids(root: SystemRoot): number[] {
  try {
    return readdirSync(root.proc)
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .sort((a, b) => a - b);
  } catch (error) {
    if (isAbsentOrForbidden(error)) return [];
    throw error;
  }
}

/** TASK_COMM_LEN without its closing zero: no name is longer, but arguments may have any length. */
const COMM_BYTES = 15;

/** The name that Node 24 and later give every process's main thread, whatever program it runs. */
const NODE_COMM = "MainThread";

/** PID/comm: the program's short name, at most 15 bytes. A Node process has the name of the file that it runs. */
export function readProcessName(root: SystemRoot, pid: number): string | null {
  const comm = readTextIfAllowed(`${root.proc}/${pid}/comm`)?.trimEnd() ?? null;
  if (comm !== NODE_COMM) return comm;
  const program = readCommandLine(root, pid)?.[0];
  return program === undefined || program === "" ? comm : path.basename(program).slice(0, COMM_BYTES);
}

/** PID/cmdline: the arguments; empty for kernel threads. */
export function readCommandLine(root: SystemRoot, pid: number): string[] | null {
  const text = readTextIfAllowed(`${root.proc}/${pid}/cmdline`);
  return text === null ? null : text.split("\0").slice(0, -1);
}

/** Field 22 of PID/stat, clock ticks since boot. Together with the pid it names one process for ever. */
export function readStartTime(root: SystemRoot, pid: number): number | null {
  return readProcessTimes(root, pid)?.startTicks ?? null;
}

/** USER_HZ, the unit of time in /proc, whatever the kernel's own clock. */
export const TICKS_PER_SECOND = 100;

export interface ProcessTimes {
  /** One letter: R running, S sleeping, T stopped, Z ended but not collected, and others. */
  readonly state: string;
  /** Clock ticks since boot. */
  readonly startTicks: number;
  /** Clock ticks on a processor, in user space and in the kernel. */
  readonly cpuTicks: number;
}

/** Fields 3, 14, 15 and 22 of PID/stat. */
export function readProcessTimes(root: SystemRoot, pid: number): ProcessTimes | null {
  const text = readTextIfAllowed(`${root.proc}/${pid}/stat`);
  if (text === null) return null;
  // The name in parentheses may itself contain spaces and parentheses, so fields are counted from the last one.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const startTicks = Number(fields[19]);
  const cpuTicks = Number(fields[11]) + Number(fields[12]);
  if (!Number.isFinite(startTicks)) return null;
  return { state: fields[0] ?? "?", startTicks, cpuTicks: Number.isFinite(cpuTicks) ? cpuTicks : 0 };
}

/** RLIMIT_NOFILE: how many descriptors a process may have. */
export interface DescriptorLimits {
  /** Infinity for "unlimited". */
  readonly soft: number;
  readonly hard: number;
}

/** The "Max open files" line of PID/limits: RLIMIT_NOFILE in force. */
export function readDescriptorLimits(root: SystemRoot, pid: number): DescriptorLimits | null {
  const text = readTextIfAllowed(`${root.proc}/${pid}/limits`);
  const match = /^Max open files\s+(\S+)\s+(\S+)/m.exec(text ?? "");
  if (match === null) return null;
  const [soft, hard] = [parseLimit(match[1]!), parseLimit(match[2]!)];
  return soft === null || hard === null ? null : { soft, hard };
}

/**
 * How many descriptors the process has open. Since Linux 6.2 the folder's size tells everybody. Before, the size is 0
 * and its entries are counted, which only the process's owner and root may do.
 */
export function readDescriptorCount(root: SystemRoot, pid: number): number | null {
  const folder = `${root.proc}/${pid}/fd`;
  try {
    const { size } = statSync(folder);
    return size > 0 ? size : readdirSync(folder).length;
  } catch (error) {
    if (isAbsentOrForbidden(error)) return null;
    throw error;
  }
}

/**
 * The same for callers that ask many times a second, in one system call. Null if the size does not tell (before Linux
 * 6.2) or the process is gone.
 */
export function readDescriptorSize(root: SystemRoot, pid: number): number | null {
  try {
    const size = statSync(`${root.proc}/${pid}/fd`, { throwIfNoEntry: false })?.size ?? 0;
    return size > 0 ? size : null;
  } catch (error) {
    if (isAbsentOrForbidden(error)) return null;
    throw error;
  }
}

/** The systemd unit (`kamailio.service`) in PID/cgroup, or null outside any. */
export function readUnit(root: SystemRoot, pid: number): string | null {
  const text = readTextIfAllowed(`${root.proc}/${pid}/cgroup`);
  return text === null ? null : unitOfCgroup(text.trim().split("\n").at(-1) ?? "");
}

/** The innermost path segment that is a service or a scope. */
export function unitOfCgroup(path: string): string | null {
  return path.split("/").findLast((segment) => /\.(service|scope|socket)$/.test(segment)) ?? null;
}

function parseLimit(text: string): number | null {
  if (text === "unlimited") return Number.POSITIVE_INFINITY;
  return /^\d+$/.test(text) ? Number(text) : null;
}
