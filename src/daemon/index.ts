// The daemon: opens the rooms, connects them and closes them. It decides nothing.
//
// In:  a Config, where it was read from, and what the command line overrides.
// Out: a running guard for each network namespace, with ledger, monitors, log, metrics and API, until it is told to
//      stop.
// Promises: the main loop never waits for the kernel. Whatever fails becomes a health item and never stops its
//      neighbours. SIGTERM leaves the kernel as configured, in under a second. No metric has a label per address.

// The door itself is light: it loads the daemon when the daemon is run.

import type { DaemonOptions } from "./daemon.ts";

export type { Core } from "./core.ts";
export { warmGuardThread } from "./guard-thread.ts";
export { type Log, openLog } from "./log.ts";

/** Resolves when the daemon was told to stop and has; throws when it cannot start, or a guard dies. */
export async function runDaemon(options: DaemonOptions): Promise<void> {
  const daemon = await import("./daemon.ts");
  await daemon.runDaemon(options);
}
