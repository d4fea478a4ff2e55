// A process that keeps a network namespace alive: it writes the namespace's settings, then stays.

import { existsSync, writeFileSync } from "node:fs";
import { onTask, tellKeeper } from "./worker.ts";

onTask((task) => {
  if (task.kind !== "pin") return;
  for (const [name, value] of Object.entries(task.settings)) {
    const file = `/proc/sys/${name}`;
    // Older kernels hide some settings (net/core/somaxconn) from user namespaces; the defaults serve as well.
    if (existsSync(file)) writeFileSync(file, value);
  }
  tellKeeper({ kind: "ready" });
});
