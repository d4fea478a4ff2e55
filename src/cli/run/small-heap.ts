// Keeps the daemon's heaps small. V8 lets the space for young objects of each thread grow to three times 16 MiB while
// modules are loaded, and keeps it; at the daemon's pace it is never filled again. Measured: 26 MiB less (bench/RESULTS.md).

import { setFlagsFromString } from "node:v8";

/** Call it before the daemon's rooms are loaded. It holds for threads that start later, too. */
export function keepHeapSmall(): void {
  setFlagsFromString("--semi-space-growth-factor=1");
}
