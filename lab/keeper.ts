// The lab's first process: number 1 of its own PID namespace. It starts the others, passes messages and output on, and
// ends when its channel to the owner does. The kernel then ends every other process of the namespace at once, even
// stopped ones and those that it never heard of. With the last process the network namespaces go. So an owner that is
// killed at any moment leaves nothing behind, and no process needs a death signal of its own.

import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync, readlinkSync } from "node:fs";
import type { Readable } from "node:stream";
import type { Exit, FromKeeper, FromWorker, SpawnRequest, ToKeeper } from "./messages.ts";

/** How long output is still awaited after an exit: a daemon's children may hold the pipe for ever. */
const OUTPUT_GRACE_MS = 500;

const children = new Map<number, ChildProcess>();
/** Process groups. They may live longer than the program that began them. */
const groups = new Map<number, number>();

process.on("disconnect", () => process.exit(0));
process.on("message", (message) => act(message as ToKeeper));
// The owner may have died before the listener stood.
if (!process.connected) process.exit(0);
tellOwner({ kind: "ready" });

function act(message: ToKeeper): void {
  switch (message.kind) {
    case "spawn":
      start(message.id, message);
      break;
    case "tell":
      // A worker that died meanwhile is reported by its exit. The message that missed it need not fail.
      children.get(message.id)?.send(message.message, () => {});
      break;
    case "signal":
      signal(message.id, message.signal);
      break;
    case "close":
      process.exit(0);
  }
}

function start(id: number, request: SpawnRequest): void {
  const [program, ...args] = request.argv;
  const child = spawn(program!, args, {
    stdio: [
      request.input === undefined ? "ignore" : "pipe",
      "pipe",
      "pipe",
      ...(request.worker ? ["ipc" as const] : []),
    ],
    // Each child has a process group of its own, so that a signal also reaches what the program has forked.
    detached: true,
    env: { ...process.env, ...request.env },
    ...(request.cwd === undefined ? {} : { cwd: request.cwd }),
  });
  child.once("error", (error) => tellOwner({ kind: "refused", id, error: error.message }));
  if (child.pid === undefined) return;
  children.set(id, child);
  groups.set(id, child.pid);
  tellOwner({ kind: "spawned", id, pid: outerPid(child.pid) });
  connect(id, child, request.input);
}

function connect(id: number, child: ChildProcess, input: string | undefined): void {
  // A program may end without reading its input.
  child.stdin?.on("error", () => {}).end(input);
  forward(id, "stdout", child.stdout!);
  forward(id, "stderr", child.stderr!);
  child.on("message", (message) => tellOwner({ kind: "said", id, message: message as FromWorker }));
  child.once("exit", (code, signalName) => reportExit(id, child, { code, signal: signalName }));
}

/** Passes output on, one chunk at a time: a program that writes much is slowed down, not buffered here. */
function forward(id: number, stream: "stdout" | "stderr", from: Readable): void {
  from.on("data", (chunk: Buffer) => {
    from.pause();
    tellOwner({ kind: "output", id, stream, chunk }, () => from.resume());
  });
}

function reportExit(id: number, child: ChildProcess, exit: Exit): void {
  const timer = setTimeout(report, OUTPUT_GRACE_MS);
  child.once("close", report);
  function report(): void {
    clearTimeout(timer);
    if (children.delete(id)) tellOwner({ kind: "exited", id, ...exit });
  }
}

function signal(id: number, name: NodeJS.Signals): void {
  const group = groups.get(id);
  if (group === undefined) return;
  try {
    process.kill(-group, name);
  } catch {
    // The whole group has gone. Its exit is or will be reported.
    groups.delete(id);
  }
}

function tellOwner(message: FromKeeper, sent: () => void = () => {}): void {
  process.send!(message, sent);
}

/**
 * The number of a child outside the lab. /proc is still mounted for the owner's PID namespace, so it lists the keeper's
 * children by their outer numbers. Each one's status ends its NSpid line with the inner number.
 */
function outerPid(innerPid: number): number {
  const self = readlinkSync("/proc/self");
  const outer = readFileSync(`/proc/${self}/task/${self}/children`, "latin1").trim().split(" ");
  const found = outer.find((pid) => innermostPid(pid) === innerPid);
  if (found === undefined) throw new Error(`child ${innerPid} is not among the keeper's in /proc`);
  return Number(found);
}

function innermostPid(pid: string): number {
  try {
    const numbers = /^NSpid:\s(.*)$/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"));
    return Number(numbers?.[1]?.trim().split(/\s+/).at(-1));
  } catch {
    return Number.NaN; // Reaped between the two reads.
  }
}
