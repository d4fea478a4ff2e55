// The self-test's eviction, as the command that a process inside the canary's namespace runs.

import { fileURLToPath } from "node:url";

export type CanaryEviction =
  | { readonly kind: "evicted"; readonly asked: number; readonly destroyed: number; readonly gone: number }
  | { readonly kind: "refused"; readonly reason: string };

export interface CanaryTarget {
  /** As /proc/PID/ns/net names it: `net:[4026532201]`. The command destroys nothing in any other namespace. */
  readonly namespace: string;
  readonly port: number;
  readonly address: string;
}

/** The command writes a `CanaryEviction` to stdout, as JSON. */
export function evictionCommand({ namespace, port, address }: CanaryTarget): readonly string[] {
  const file = import.meta.url.endsWith(".ts") ? "./evict.ts" : "./evict.js";
  return [process.execPath, fileURLToPath(new URL(file, import.meta.url)), namespace, String(port), address];
}
