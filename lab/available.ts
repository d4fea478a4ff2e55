// Tells whether a lab can be opened here, and if not, why: for tests that skip with a reason.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { labEnvironment, unshareArguments } from "./process-tree.ts";

/** Null if a lab can be opened. It needs util-linux, iproute2, IPv6, and root or unprivileged user namespaces. */
export function labUnavailable(): string | null {
  if (!existsSync("/proc/net/if_inet6")) return "a lab needs IPv6";
  // ip and nsenter run inside the namespaces, so that one attempt proves these as well.
  const attempt = ["nsenter", "--net=/proc/self/ns/net", "--", "ip", "-V"];
  const { error, status, stderr } = spawnSync(
    "unshare",
    [...unshareArguments(), "--", "unshare", "--net", "--", ...attempt],
    { env: labEnvironment(), encoding: "utf8", timeout: 5000 },
  );
  if (error !== undefined) return `a lab needs unshare: ${error.message}`;
  return status === 0 ? null : `a lab needs namespaces and ip: ${stderr.trim()}`;
}
