// The error of a backend that could not do its work: in plain words, with what to do next.

import { Errno, NetfilterError, NetlinkError } from "../linux/index.ts";
import { Refusal } from "../model/index.ts";

export class BackendError extends Refusal {
  /**
   * `unavailable`: this host lacks what the backend needs. `denied`: more rights are needed. `refused`: the kernel or a
   * program said no.
   */
  readonly code: "unavailable" | "refused" | "denied";
  readonly operation: string;

  constructor(code: BackendError["code"], operation: string, text: string, cause?: unknown) {
    super(`${operation}: ${text}`, cause);
    this.code = code;
    this.operation = operation;
  }
}

const RIGHTS = "it takes CAP_NET_ADMIN: run as root, or give the service AmbientCapabilities=CAP_NET_ADMIN";

export function denied(operation: string, cause?: unknown): BackendError {
  return new BackendError("denied", operation, RIGHTS, cause);
}

/** The error of a missing program; `packageName` is Debian's. */
export function missing(operation: string, program: string, packageName: string): BackendError {
  const text = `there is no ${program} on this host: install the package ${packageName}, or choose another enforce.backend`;
  return new BackendError("unavailable", operation, text);
}

/** The error of a first question to the kernel. Without the subsystem the kernel answers EINVAL to everything. */
export function kernelRefusal(operation: string, subsystem: "nf_tables" | "ip_set", error: unknown): unknown {
  if (error instanceof NetfilterError) {
    if (error.errno === Errno.EPERM) return denied(operation, error);
    if (error.errno === Errno.EINVAL) {
      const text = `this kernel has no ${subsystem}: load the module (modprobe ${subsystem}), or choose another enforce.backend`;
      return new BackendError("unavailable", operation, text, error);
    }
    return new BackendError("refused", operation, error.message, error);
  }
  if (error instanceof NetlinkError) {
    const code = error.code === "unavailable" ? "unavailable" : "refused";
    return new BackendError(code, operation, error.message, error);
  }
  return error;
}

/** The error of a program that failed, in its own words. */
export function programRefusal(operation: string, stderr: string): BackendError {
  return /permission denied|operation not permitted|must be root|you need to be root/i.test(stderr)
    ? denied(operation, stderr)
    : new BackendError("refused", operation, stderr === "" ? "it did not say why" : stderr);
}
