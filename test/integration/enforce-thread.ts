// A thread of enforce-support.ts: enters a namespace, and answers calls there to a backend or to clients.

import { connect, type Socket } from "node:net";
import { parentPort, workerData } from "node:worker_threads";
import type { Backend } from "../../src/enforce/backend.ts";
import { openBackend } from "../../src/enforce/backends.ts";
import { openNftables } from "../../src/enforce/nftables.ts";
import { reconcile } from "../../src/enforce/reconcile.ts";
import { enterNamespace, HOST_ROOT } from "../../src/linux/index.ts";
import type { Ban } from "../../src/model/index.ts";
import type { BackendKind, Outcome, ThreadReply, ThreadTask } from "./enforce-support.ts";

const task = workerData as ThreadTask;

function open(kind: BackendKind): Backend {
  return kind === "nftables-replace" ? openNftables({ renewal: "replace" }) : openBackend(kind);
}

let backend: Backend | null = null;
const held: Socket[] = [];

async function answer(method: string, args: readonly unknown[]): Promise<unknown> {
  if (task.kind === "dial") return dial(method, args);
  backend ??= open(task.kind);
  if (method === "reconcile") return reconcile(backend, args[0] as Ban[], args[1] as number);
  const act = backend[method as keyof Backend] as (...args: readonly unknown[]) => unknown;
  return withoutErrors(act.apply(backend, args as unknown[]));
}

/** Errors of a class of our own do not survive the way to another thread. */
function withoutErrors(value: unknown): unknown {
  return JSON.stringify(value)?.includes('"failed":[{')
    ? (JSON.parse(JSON.stringify(value, plain)) as unknown)
    : value;
}

function plain(_: string, value: unknown): unknown {
  return value instanceof Error ? { message: value.message } : value;
}

function dial(method: string, args: readonly unknown[]): Promise<unknown> {
  if (method === "answers") return answers(held[args[0] as number]!, args[1] as number);
  const [localAddress, host, port, timeoutMs = 5000] = args as [string, string, number, number?];
  const socket = connect({ localAddress, host, port });
  return outcomeOf(socket, timeoutMs).then((outcome) => {
    if (method === "hold" && outcome === "connected") return held.push(socket) - 1;
    socket.destroy();
    if (method === "hold") throw new Error(`${localAddress} to ${host}:${port}: ${outcome}`);
    return outcome;
  });
}

function outcomeOf(socket: Socket, timeoutMs: number): Promise<Outcome> {
  return new Promise((resolve) => {
    setTimeout(() => resolve("silence"), timeoutMs).unref();
    socket.once("connect", () => resolve("connected"));
    socket.on("error", () => resolve("refused"));
  });
}

function answers(socket: Socket, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(false), timeoutMs).unref();
    socket.once("data", () => resolve(true));
    socket.once("close", () => resolve(false));
    socket.write("are you there?\n");
  });
}

enterNamespace(HOST_ROOT, String(task.pid));

parentPort?.on("message", async ({ method, args }: { method: string; args: readonly unknown[] }) => {
  const begin = performance.now();
  let reply: ThreadReply;
  try {
    const value = await answer(method, args);
    reply = { value, ms: performance.now() - begin };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : null;
    reply = { error: error instanceof Error ? error.message : String(error), code };
  }
  parentPort?.postMessage(reply);
});
