// The room's two errors: the service behind the API refuses a request, or the API cannot be served at all.

import { Refusal } from "../model/index.ts";
import type { ErrorCode } from "./contract.ts";

export const STATUS_OF: Readonly<Record<ErrorCode, 400 | 401 | 403 | 404 | 409 | 413 | 500 | 503>> = {
  invalid: 400,
  unauthorized: 401,
  forbidden: 403,
  "not-found": 404,
  conflict: 409,
  "too-large": 413,
  internal: 500,
  unavailable: 503,
};

export interface Complaint {
  readonly code: ErrorCode;
  /** In plain words, for the person who asked. */
  readonly message: string;
  readonly field?: string | null;
  readonly accepted?: string | null;
  readonly cause?: unknown;
}

/** An ApiService throws it for a request that cannot be done. The error document gets the status of its code. */
export class ServiceError extends Refusal {
  readonly code: ErrorCode;
  readonly field: string | null;
  readonly accepted: string | null;

  constructor({ code, message, field = null, accepted = null, cause }: Complaint) {
    super(message, cause);
    this.code = code;
    this.field = field;
    this.accepted = accepted;
  }
}

export type ApiErrorCode = "socket-in-use" | "not-a-socket" | "no-such-group" | "token" | "listen";

/** The API cannot be served: at start, so the operator reads it. */
export class ApiError extends Refusal {
  readonly code: ApiErrorCode;
  readonly operation: string;

  constructor(code: ApiErrorCode, operation: string, message: string, cause?: unknown) {
    super(message, cause);
    this.code = code;
    this.operation = operation;
  }
}
