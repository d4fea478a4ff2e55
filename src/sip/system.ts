// What the pure files are handed: hashes, random identifiers, and a clock that only goes forward.

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

/** Random bytes are asked for by the page: a call for each identifier cost a monitor 20 us a probe. */
const POOL = Buffer.alloc(4096);
let poolUsed = POOL.length;

/** That many random bytes, at most a page. They are the caller's. */
export function randomBytes(count: number): Buffer {
  if (poolUsed + count > POOL.length) {
    randomFillSync(POOL);
    poolUsed = 0;
  }
  poolUsed += count;
  return Buffer.from(POOL.subarray(poolUsed - count, poolUsed));
}

/** That many random bytes in hex. */
export function randomHex(bytes: number): string {
  return randomBytes(bytes).toString("hex");
}

/** A random number of 0 to 1, without 1. */
export function randomFraction(): number {
  return randomBytes(4).readUInt32BE() / 2 ** 32;
}

/** A clock that no one sets, in milliseconds: for what something took. */
export function stopwatchMs(): number {
  return performance.now();
}
