// Preloaded into the main thread of a daemon (--import). At SIGUSR2 it writes the longest delay of its event loop since
// the last time, in milliseconds, to the file in SOCKWARDEN_LOOP_DELAY. It is plain JavaScript, like the daemon.

import { writeFileSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { isMainThread } from "node:worker_threads";

if (isMainThread) {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  process.on("SIGUSR2", () => {
    writeFileSync(process.env.SOCKWARDEN_LOOP_DELAY, String(Math.max(0, delay.max / 1e6 - 5)));
    delay.reset();
  });
}
