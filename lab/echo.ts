// Echo servers in the victim namespace: one process, or several that share its ports (SO_REUSEPORT).

import { readFileSync } from "node:fs";
import type { EchoMode } from "./messages.ts";
import type { Namespace } from "./namespace.ts";
import type { LabProgram } from "./program.ts";
import { until } from "./wait.ts";

const READY_TIMEOUT_MS = 20_000;
const FREEZE_TIMEOUT_MS = 2000;
/** Node's own default. A frozen server needs more to keep many connections unaccepted. */
const BACKLOG_DEFAULT = 511;

export interface EchoOptions {
  readonly port: number | readonly number[];
  /** By default `::`, which takes IPv4 as well. */
  readonly address?: string;
  readonly backlog?: number;
  readonly mode?: EchoMode;
  readonly v6only?: boolean;
  /** How many processes. Each holds at most 18 000 connections if the limit is 20 000 descriptors. */
  readonly processes?: number;
  /** RLIMIT_NOFILE of each process. Beyond it Node accepts and closes at once. */
  readonly descriptors?: number;
  /** How often the server says something to everybody by itself. Vanished clients leave that unanswered. */
  readonly pushEveryMs?: number;
}

export class EchoServer {
  readonly pids: readonly number[];
  readonly ports: readonly number[];
  readonly #programs: readonly LabProgram[];

  private constructor(programs: readonly LabProgram[], ports: readonly number[]) {
    this.#programs = programs;
    this.pids = programs.map(({ pid }) => pid);
    this.ports = ports;
  }

  static async start(namespace: Namespace, options: EchoOptions): Promise<EchoServer> {
    const { port, processes = 1, descriptors } = options;
    const ports = typeof port === "number" ? [port] : port;
    const limit =
      descriptors === undefined ? [] : ["prlimit", `--nofile=${descriptors}:${descriptors}`, "--"];
    const task = {
      kind: "echo",
      address: options.address ?? "::",
      ports,
      backlog: options.backlog ?? BACKLOG_DEFAULT,
      mode: options.mode ?? "echo",
      v6only: options.v6only ?? false,
      reusePort: processes > 1,
      pushEveryMs: options.pushEveryMs ?? 0,
    } as const;
    const startOne = async () => {
      const program = await namespace.startWorker("echo-worker", task, { wrapper: limit });
      await program.next("ready", { what: `to listen on port ${ports}`, timeoutMs: READY_TIMEOUT_MS });
      return program;
    };
    return new EchoServer(await Promise.all(Array.from({ length: processes }, startOne)), ports);
  }

  get pid(): number {
    return this.pids[0]!;
  }

  get port(): number {
    return this.ports[0]!;
  }

  /** Stops the processes (SIGSTOP). Connections then stay in the accept queue. */
  async freeze(): Promise<void> {
    for (const program of this.#programs) program.signal("SIGSTOP");
    const frozen = () => this.pids.every(isStopped);
    await until(frozen, { what: "the echo server to stop", timeoutMs: FREEZE_TIMEOUT_MS });
  }

  thaw(): void {
    for (const program of this.#programs) program.signal("SIGCONT");
  }

  async stop(): Promise<void> {
    await Promise.all(this.#programs.map((program) => program.stop()));
  }
}

/** Whether a process is stopped. The state is the field after the command in parentheses (proc(5), /proc/pid/stat). */
function isStopped(pid: number): boolean {
  return /^.*\) T /s.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
}
