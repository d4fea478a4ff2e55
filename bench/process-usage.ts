// What a process uses, read from /proc: processor time by thread, and resident memory.

import { readdirSync, readFileSync } from "node:fs";

/**
 * Milliseconds of processor time of each thread, by its id. They are exact, unlike the hundredths of a second in
 * /proc/PID/stat.
 */
export function threadTimes(pid: number): Map<string, number> {
  const folder = `/proc/${pid}/task`;
  return new Map(
    readdirSync(folder).map((thread) => {
      const [nanoseconds] = readFileSync(`${folder}/${thread}/schedstat`, "latin1").split(" ");
      return [thread, Number(nanoseconds) / 1e6] as const;
    }),
  );
}

/** How much time all threads have used since `before`. */
export function usedSince(before: ReadonlyMap<string, number>, now: ReadonlyMap<string, number>): number {
  let used = 0;
  for (const [thread, ms] of now) used += ms - (before.get(thread) ?? 0);
  return used;
}

export function residentMiB(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "latin1");
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1024;
}

/** The load averages of one, five and fifteen minutes, as the kernel writes them. */
export function loadAverages(): string {
  return readFileSync("/proc/loadavg", "latin1").split(" ").slice(0, 3).join(" ");
}
