// The cost of a protector, from /proc: the most memory, and its share of one core.

import { readFileSync } from "node:fs";
import { TICKS_PER_SECOND } from "../src/linux/index.ts";

export class ProtectorCost {
  #residentMbMax = 0;
  #cpuMs = 0;
  #elapsedMs = 0;
  #last: { readonly pid: number; readonly at: number; readonly cpuMs: number } | null = null;

  /** Takes a sample; called now and then. After a restart it counts on with the new process. */
  sample(pid: number): void {
    const usage = readUsage(pid);
    if (usage === null) return;
    const at = performance.now();
    this.#residentMbMax = Math.max(this.#residentMbMax, usage.residentMb);
    if (this.#last?.pid === pid) {
      this.#cpuMs += usage.cpuMs - this.#last.cpuMs;
      this.#elapsedMs += at - this.#last.at;
    }
    this.#last = { pid, at, cpuMs: usage.cpuMs };
  }

  result(): { readonly residentMbMax: number; readonly cpuShare: number } {
    const cpuShare = this.#elapsedMs === 0 ? 0 : this.#cpuMs / this.#elapsedMs;
    return { residentMbMax: this.#residentMbMax, cpuShare };
  }
}

/**
 * Memory and processor time of a process; null if it has ended. Fields after the command in parentheses: proc(5),
 * /proc/pid/stat, 14 and 15.
 */
function readUsage(pid: number): { readonly residentMb: number; readonly cpuMs: number } | null {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "latin1")
      .replace(/^.*\) /s, "")
      .split(" ");
    const ticks = Number(fields[11]) + Number(fields[12]);
    const resident = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1] ?? 0;
    return { residentMb: Number(resident) / 1024, cpuMs: (ticks / TICKS_PER_SECOND) * 1000 };
  } catch {
    return null;
  }
}
