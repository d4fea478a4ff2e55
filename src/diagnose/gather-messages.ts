// What the gathering thread and the calling one say to each other.

import type { ScanError } from "../census/index.ts";
import type { GatherOptions, Unmeasured } from "./gather.ts";

export interface GatherTask {
  readonly netns: string;
  readonly options: GatherOptions;
}

/** `sleep` asks the calling thread to wait, and is answered by any message when it has. */
export type GatherMessage =
  | { readonly kind: "sleep"; readonly ms: number }
  | { readonly kind: "gathered"; readonly gathered: Unmeasured }
  | { readonly kind: "error"; readonly code: ScanError["code"]; readonly message: string };
