// What the start leaves behind is given back: text and syntax trees of modules, and in a guard's thread the names of every
// descriptor of the machine. V8 would keep the room for the day when it is needed, and the C library, too.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { trimMemory } from "../linux/index.ts";

/** Collects the calling thread's garbage, 20 to 50 ms, and hands what is free to the kernel. For the end of a start. */
export function giveMemoryBack(): void {
  setFlagsFromString("--expose-gc");
  // The flag holds for contexts made from now on.
  const collect: unknown = runInNewContext("gc");
  if (typeof collect === "function") collect({ type: "major", execution: "sync", flavor: "last-resort" });
  trimMemory();
}
