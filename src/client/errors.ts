// The errors of requests to the daemon, in words that say what to do next.

import { Refusal } from "../model/index.ts";

/**
 * `no-daemon`: nobody answers at the socket. `denied`: this user may not talk to it. `refused`: the daemon said no, in
 * its own words. `timeout`: it took too long. `protocol`: the answer breaks the contract.
 */
export type ClientErrorCode = "no-daemon" | "denied" | "refused" | "timeout" | "protocol";

export interface ClientErrorDetails {
  readonly code: ClientErrorCode;
  readonly operation: string;
  readonly message: string;
  /** Of a refusal: the field of the request that is to blame, and what is accepted instead. */
  readonly field?: string | null;
  readonly accepted?: string | null;
  readonly cause?: unknown;
}

export class ClientError extends Refusal {
  readonly code: ClientErrorCode;
  readonly operation: string;
  readonly field: string | null;
  readonly accepted: string | null;

  constructor({ code, operation, message, field = null, accepted = null, cause }: ClientErrorDetails) {
    super(message, cause);
    this.code = code;
    this.operation = operation;
    this.field = field;
    this.accepted = accepted;
  }
}

/** The meaning of a failed connection for the person who asked. */
export function connectionError(
  operation: string,
  socket: string,
  cause: NodeJS.ErrnoException,
): ClientError {
  switch (cause.code) {
    case "EACCES":
    case "EPERM":
      return new ClientError({
        code: "denied",
        operation,
        message: `this user may not talk to the daemon at ${socket}: run as root, or as a member of the socket's group`,
        cause,
      });
    case "ENOENT":
    case "ENOTDIR":
    case "ECONNREFUSED":
    case "ENAMETOOLONG":
    case "EINVAL":
      return new ClientError({ code: "no-daemon", operation, message: noDaemon(socket), cause });
    default:
      return new ClientError({
        code: "protocol",
        operation,
        message: `the daemon at ${socket} ended the connection: ${cause.message}; its log may say why`,
        cause,
      });
  }
}

function noDaemon(socket: string): string {
  return `no daemon answers at ${socket}: start it with \`sockwarden run\`, or name its socket with --socket`;
}
