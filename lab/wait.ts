// Waits that always end: nothing in the lab waits for ever, and an error says what was awaited.

import { setTimeout as sleep } from "node:timers/promises";

/** The error of a wait that ended without success. */
export class LabTimeout extends Error {
  constructor(what: string, ms: number) {
    super(`waited ${ms} ms for ${what}`);
    this.name = "LabTimeout";
  }
}

export interface Wait {
  /** Completes the sentence "waited 1000 ms for ...". */
  readonly what: string;
  readonly timeoutMs: number;
}

/** The promise's value. Throws a LabTimeout if it has none in time. */
export async function withTimeout<T>(promise: Promise<T>, wait: Wait): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new LabTimeout(wait.what, wait.timeoutMs)), wait.timeoutMs);
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

/** Calls `condition` every few milliseconds until it is true. */
export async function until(condition: () => boolean | Promise<boolean>, wait: Wait): Promise<void> {
  const end = performance.now() + wait.timeoutMs;
  while (!(await condition())) {
    if (performance.now() >= end) throw new LabTimeout(wait.what, wait.timeoutMs);
    await sleep(10);
  }
}
