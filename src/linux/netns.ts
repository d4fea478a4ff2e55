// Enters other network namespaces: one with a name given by `ip netns`, or a process's. Only a worker thread enters
// one, and stays there to its end: setns moves the calling thread alone, so the main thread stays where it was.

import { closeSync, openSync } from "node:fs";
import { Refusal } from "../model/index.ts";
import { Errno, enterNetworkNamespace, SyscallError } from "./libc.ts";
import { isForbidden, type SystemRoot } from "./system-root.ts";

/** A network namespace that cannot be found or entered. The message says what the user can do. */
export class NamespaceError extends Refusal {
  readonly code: "unknown" | "forbidden";

  constructor(code: NamespaceError["code"], text: string, cause?: unknown) {
    super(text, cause);
    this.code = code;
  }
}

/** Folders where `ip netns add` and container runtimes bind namespaces to names. */
const NAMED_FOLDERS = ["/run/netns", "/var/run/netns", "/run/docker/netns"];

/** The files that may be the namespace `spec`. Digits are a pid, anything else is a name. */
export function namespacePaths(root: SystemRoot, spec: string): string[] {
  if (/^\d+$/.test(spec)) return [`${root.proc}/${spec}/ns/net`];
  return /^[\w.@+:-]+$/.test(spec) && spec !== "." && spec !== ".."
    ? NAMED_FOLDERS.map((folder) => `${folder}/${spec}`)
    : [];
}

/** Moves the calling thread into the namespace `spec` (NAME or PID). */
export function enterNamespace(root: SystemRoot, spec: string): void {
  const fd = openFirst(namespacePaths(root, spec), spec);
  try {
    enterNetworkNamespace(fd);
  } catch (error) {
    if (error instanceof SyscallError && error.errno === Errno.EINVAL) {
      throw new NamespaceError("unknown", `${spec} is no network namespace`, error);
    }
    const text = error instanceof SyscallError ? error.message : String(error);
    throw new NamespaceError(
      "forbidden",
      `cannot enter network namespace ${spec}: ${text}; try as root`,
      error,
    );
  } finally {
    closeSync(fd);
  }
}

function openFirst(paths: readonly string[], spec: string): number {
  let forbidden: unknown;
  for (const path of paths) {
    try {
      return openSync(path, "r");
    } catch (error) {
      if (isForbidden(error)) forbidden = error;
    }
  }
  if (forbidden !== undefined) {
    throw new NamespaceError("forbidden", `may not open network namespace ${spec}; try as root`, forbidden);
  }
  const wanted = /^\d+$/.test(spec)
    ? `no process ${spec}`
    : `no network namespace named ${spec} (see: ip netns list)`;
  throw new NamespaceError("unknown", `${wanted}; accepted are a name or a process id`);
}
