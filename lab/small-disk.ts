// Usage: small-disk FOLDER SIZE COMMAND... Runs the command with the folder on a disk of this size (tmpfs). It must run
// in a mount namespace of its own. From outside the disk is reached as /proc/PID/root/FOLDER.

import { spawnSync } from "node:child_process";
import process from "node:process";

const [folder, size, program, ...args] = process.argv.slice(2);
const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "sockwarden-lab", folder!]);
if (mounted.status !== 0) {
  process.stderr.write(`mount: ${mounted.stderr}`);
  process.exit(1);
}
// The command replaces this process, so that signals and the process number are the command's. The call never returns.
process.execve?.(program!, [program!, ...args], process.env as Record<string, string>);
