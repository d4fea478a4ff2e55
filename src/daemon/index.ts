// The daemon: wires census, judge, enforcement, record and API together, and nothing else. In: a Config. Out: a running
// guard until it is told to stop. Promises: the main loop never waits for the kernel; whatever fails becomes a health item
// and never stops its neighbours; SIGTERM leaves the kernel as configured, in under a second.

// The door itself is light: what the daemon needs is loaded when it is run.

import type { DaemonOptions } from "./daemon.ts";

export type { Core } from "./core.ts";
export { warmGuardThread } from "./guard-thread.ts";
export { type Log, openLog } from "./log.ts";

/** Resolves when the daemon was told to stop and has; throws when it cannot start, or a guard dies. */
export async function runDaemon(options: DaemonOptions): Promise<void> {
  const daemon = await import("./daemon.ts");
  await daemon.runDaemon(options);
}
