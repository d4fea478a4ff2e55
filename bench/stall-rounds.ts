// One process of bench/scan.ts: scans through a scanner, as `top` does. A timer measures for how long the main loop
// stands still. Prints one line of JSON. Usage: stall-rounds ROUNDS auto|inline

import { setTimeout as sleep } from "node:timers/promises";
import { EVERYTHING, openScanner } from "../src/census/index.ts";

const [rounds, thread] = [Number(process.argv[2]), process.argv[3] === "inline" ? "inline" : "auto"] as const;
await using scanner = openScanner({ netns: null, thread });
await scanner.scan(EVERYTHING, 0); // The first scan starts the thread and finds the owners.
let lastMs = performance.now();
const stalls: number[] = [];
const timer = setInterval(() => {
  const nowMs = performance.now();
  stalls.push(nowMs - lastMs);
  lastMs = nowMs;
}, 1);
for (let round = 0; round < rounds; round++) {
  await scanner.scan(EVERYTHING, 0);
  await sleep(5); // Lets the timer tell how late it is.
}
clearInterval(timer);
process.stdout.write(`${JSON.stringify({ worstStallMs: Math.max(...stalls, 0) })}\n`);
