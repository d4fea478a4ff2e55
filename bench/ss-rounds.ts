// One process of bench/scan.ts: counts connections by address like a program that reads ss, and prints one line of
// JSON. Usage: ss-rounds ROUNDS

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

const ms: number[] = [];
let sockets = 0;
for (let round = 0; round < Number(process.argv[2]); round++) {
  const startMs = performance.now();
  const bySource = new Map<string, number>();
  sockets = 0;
  const ss = spawn("ss", ["-tinOH"], { stdio: ["ignore", "pipe", "inherit"] });
  for await (const line of createInterface({ input: ss.stdout })) {
    const peer = line.split(/\s+/, 5)[4] ?? "";
    const address = peer.slice(0, peer.lastIndexOf(":"));
    bySource.set(address, (bySource.get(address) ?? 0) + 1);
    sockets++;
  }
  ms.push(performance.now() - startMs);
}
process.stdout.write(`${JSON.stringify({ ms, sockets })}\n`);
