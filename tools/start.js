// npm start: sets up what is missing, then runs the main job on this machine's sockets: the daemon, which observes every
// listener found and changes nothing unless a configuration says so.

import { spawn } from "node:child_process";
import path from "node:path";
import { ensurePackages, modernNode, root } from "./setup.js";

ensurePackages();
const child = spawn(modernNode(), [path.join(root, "bin/sockwarden.js"), "run", ...process.argv.slice(2)], {
  stdio: "inherit",
});
// The child decides what a signal means; this process only passes on those that were sent to it alone.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("exit", (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
