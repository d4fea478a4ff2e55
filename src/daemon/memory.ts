// Gives back the memory that the start leaves behind: text and syntax trees of modules, and in a guard's thread the
// names of every descriptor of the machine. V8 and the C library would keep it for the day when they need it.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { trimMemory } from "../linux/index.ts";

/** Collects the calling thread's garbage, 20 to 50 ms, and hands what is free to the kernel. For the end of a start. */
export function giveMemoryBack(): void {
  setFlagsFromString("--expose-gc");
  // The flag holds only for contexts made after it.
  const collect: unknown = runInNewContext("gc");
  if (typeof collect === "function") collect({ type: "major", execution: "sync", flavor: "last-resort" });
  trimMemory();
}
