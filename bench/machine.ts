// Names the machine that a result was measured on.

import { readFileSync } from "node:fs";
import os from "node:os";

export function describeMachine(): string {
  const model = /^model name\s*:\s*(.+)$/m.exec(readFileSync("/proc/cpuinfo", "utf8"))?.[1] ?? os.arch();
  const memory = Math.round(os.totalmem() / 2 ** 30);
  return `${os.cpus().length} cores (${model}), ${memory} GiB, Linux ${os.release().replace(/-.*/, "")}, Node ${process.versions.node}`;
}
