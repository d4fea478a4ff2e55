// Hashes, random identifiers, and a clock that only goes forward: the pure files take them as arguments.

import { createHash, randomFillSync } from "node:crypto";
import type { DigestAlgorithm } from "./auth/challenge.ts";

const HASH_NAMES: Readonly<Record<DigestAlgorithm, string>> = {
  MD5: "md5",
  "SHA-256": "sha256",
  "SHA-512-256": "sha512-256",
};

/** The hash of a byte string. */
export function systemHash(algorithm: DigestAlgorithm, text: string): string {
  return createHash(HASH_NAMES[algorithm]).update(text, "latin1").digest("hex");
}

/** Random bytes come a page at a time: a call for each identifier costs a monitor 20 us a probe. */
const POOL = Buffer.alloc(4096);
let poolUsed = POOL.length;

/** Random bytes, at most a page. They belong to the caller. */
export function randomBytes(count: number): Buffer {
  if (poolUsed + count > POOL.length) {
    randomFillSync(POOL);
    poolUsed = 0;
  }
  poolUsed += count;
  return Buffer.from(POOL.subarray(poolUsed - count, poolUsed));
}

/** Random bytes in hex. */
export function randomHex(bytes: number): string {
  return randomBytes(bytes).toString("hex");
}

/** A random number of 0 to 1, without 1. */
export function randomFraction(): number {
  return randomBytes(4).readUInt32BE() / 2 ** 32;
}

/** A clock that no one sets, in milliseconds, to measure durations. */
export function stopwatchMs(): number {
  return performance.now();
}
