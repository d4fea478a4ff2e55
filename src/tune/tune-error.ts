// The errors of tuning. The message says what the user can do.

import { errorCode, Refusal, reasonOf } from "../model/index.ts";

export type TuneErrorCode =
  | "forbidden"
  | "unfinished"
  | "dangerous"
  | "unreadable"
  | "unknown-service"
  | "other-namespace"
  | "failed";

export class TuneError extends Refusal {
  readonly code: TuneErrorCode;

  constructor(code: TuneErrorCode, text: string, cause?: unknown) {
    super(text, cause);
    this.code = code;
  }
}

/** Whether the world refused, as against a mistake of ours. */
export function isSystemError(error: unknown): error is Error {
  return error instanceof Error && "syscall" in error;
}

/** The system's words, with their meaning where that is not plain. */
export function describeSystemError(error: unknown): string {
  return MEANINGS[errorCode(error)] ?? reasonOf(error);
}

const MEANINGS: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full (ENOSPC)",
  EDQUOT: "the disk quota is used up (EDQUOT)",
  EROFS: "the file system is read-only (EROFS)",
  EACCES: "not allowed (EACCES)",
  EPERM: "not allowed (EPERM)",
  EINVAL: "the kernel does not take this value (EINVAL)",
  EIO: "the disk does not work (EIO)",
};
