// What the scanning thread and the others say to each other, and the errors that come of it.

import { NamespaceError, NetlinkError } from "../linux/index.ts";
import { Refusal, traceOf } from "../model/index.ts";
import type { Counted, ScanOptions } from "./census.ts";

export interface WorkerSettings {
  readonly netns: string | null;
}

export interface ScanRequest {
  readonly options: ScanOptions;
  readonly nowMs: number;
}

export type ScanReply =
  | { readonly kind: "census"; readonly census: Counted }
  | { readonly kind: "error"; readonly code: ScanErrorCode; readonly message: string };

export type ScanErrorCode = NetlinkError["code"] | NamespaceError["code"] | "stopped" | "failed";

/** A scan could not be had; the message is meant for people. */
export class ScanError extends Refusal {
  readonly code: ScanErrorCode;

  constructor(code: ScanErrorCode, message: string, cause?: unknown) {
    super(message, cause);
    this.code = code;
  }
}

export function scanErrorOf(error: unknown): ScanError {
  if (error instanceof ScanError) return error;
  if (error instanceof NetlinkError || error instanceof NamespaceError) {
    return new ScanError(error.code, error.message, error);
  }
  return new ScanError("failed", traceOf(error), error);
}
