// The machine that is tuned: this one, another network namespace of it, or a tree below a root.

import { EVERYTHING, openScanner } from "../census/index.ts";
import {
  enterNamespace,
  HOST_ROOT,
  type MachineRoot,
  machineBelow,
  NamespaceError,
  readStartTime,
  type SystemRoot,
} from "../linux/index.ts";
import type { TuneFacts } from "./facts.ts";
import { readNamespaceMark } from "./namespace.ts";
import type { TunePlace } from "./place.ts";
import { readTuneFacts } from "./read-facts.ts";
import { DISK_TREE } from "./tree.ts";
import { TuneError } from "./tune-error.ts";

export interface TuneMachineOptions {
  /** Put before /etc, /run, /usr and /var; null for this machine's own. */
  readonly root: string | null;
  /** Where /proc is; null for the one below the root. */
  readonly proc: string | null;
  readonly stateDir: string | null;
  /** Name or pid; null for the namespace of this process. */
  readonly netns: string | null;
}

export interface TuneMachine {
  readonly place: TunePlace;
  /** False where no boot would read it: in a network namespace other than process 1's. */
  readonly writeSettingsFile: boolean;
  /** `nowMs` is the wall clock. Throws TuneError and ScanError. */
  readFacts(service: string | null, nowMs: number): Promise<TuneFacts>;
}

/**
 * With `netns` the calling thread enters that namespace and stays in it: for a program that tunes and ends. Throws TuneError.
 */
export function openTuneMachine({ root, proc, stateDir, netns }: TuneMachineOptions): TuneMachine {
  const base = root === null || root === "/" ? "" : root.replace(/\/+$/, "");
  const machine: MachineRoot = { ...machineBelow(base), ...(proc === null ? {} : { proc }) };
  if (netns !== null) enter(machine, netns);
  const namespace = readNamespaceMark(machine);
  return {
    place: {
      tree: DISK_TREE,
      root: base,
      proc: machine.proc,
      stateDir: stateDir ?? `${base}/var/lib/sockwarden`,
      namespace,
      runner: { pid: process.pid, startTime: readStartTime(HOST_ROOT, process.pid) },
      isRunning: ({ pid, startTime }) => startTime !== null && readStartTime(HOST_ROOT, pid) === startTime,
      owner: { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 },
    },
    writeSettingsFile: base !== "" || (netns === null && namespace.first),
    async readFacts(service, nowMs) {
      const census = machine.proc === "/proc" ? await scanHere(nowMs) : null;
      return readTuneFacts({ root: machine, mayWrite: DISK_TREE.mayWrite, census, service });
    },
  };
}

async function scanHere(nowMs: number) {
  await using scanner = openScanner({ netns: null, thread: "inline" });
  return await scanner.scan(EVERYTHING, nowMs);
}

function enter(system: SystemRoot, netns: string): void {
  try {
    enterNamespace(system, netns);
  } catch (error) {
    if (error instanceof NamespaceError) throw new TuneError("failed", error.message, error);
    throw error;
  }
}
