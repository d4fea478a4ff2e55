// npm start: sets up what is missing, then runs the main job on this machine's sockets. Until there is a daemon that
// is the live view; where stdout is no terminal, `top` prints one look after another.

import { spawn } from "node:child_process";
import path from "node:path";
import { ensurePackages, modernNode, root } from "./setup.js";

ensurePackages();
const child = spawn(modernNode(), [path.join(root, "bin/sockwarden.js"), "top", ...process.argv.slice(2)], {
  stdio: "inherit",
});
// The child decides what a signal means; this process only passes on those that were sent to it alone.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("exit", (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
