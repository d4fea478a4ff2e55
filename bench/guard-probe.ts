// One process of bench/guard-times.ts, in the victim namespace. Every millisecond or two it notes how many sockets the
// kernel counts there (net/sockstat), and every 20 ms whether nft lists anybody refused. At SIGTERM it prints one line
// of JSON: samples of [milliseconds of performance.timeOrigin's clock, sockets], and when somebody was first refused.

import { execFile } from "node:child_process";
import { closeSync, openSync, readSync } from "node:fs";
import { LIST_TABLE, parseRefused } from "../lab/index.ts";

const REFUSED_EVERY_MS = 20;
const SAMPLES_MAX = 200_000;

const fd = openSync("/proc/thread-self/net/sockstat", "r");
const bytes = Buffer.alloc(4096);
const samples: (readonly [number, number])[] = [];
let refusedAt: number | null = null;

function now(): number {
  return performance.timeOrigin + performance.now();
}

function sample(): void {
  const text = bytes.toString("latin1", 0, readSync(fd, bytes, 0, bytes.length, 0));
  const held = /^TCP: inuse (\d+)/m.exec(text)?.[1];
  if (held !== undefined && samples.length < SAMPLES_MAX) samples.push([now(), Number(held)]);
}

function askRefused(): void {
  execFile(LIST_TABLE[0]!, LIST_TABLE.slice(1), (error, stdout) => {
    if (error === null) {
      const { bans, caps } = parseRefused(stdout);
      if (bans.length + caps.length > 0) refusedAt ??= now();
    }
    if (refusedAt === null) setTimeout(askRefused, REFUSED_EVERY_MS);
  });
}

const timer = setInterval(sample, 1);
if (process.argv[2] === "refused") askRefused();
process.on("SIGTERM", () => {
  clearInterval(timer);
  closeSync(fd);
  process.stdout.write(`${JSON.stringify({ samples, refusedAt })}\n`, () => process.exit());
});
process.stdout.write("ready\n");
