// The owner's side of the keeper: starts it in a PID namespace of its own (and, without root, a user namespace), asks
// it for processes, and ends it. No process of the lab is left when close() has resolved.

import { type ChildProcess, spawn } from "node:child_process";
import { dirname, extname, join } from "node:path";
import type { FromKeeper, SpawnRequest, ToKeeper } from "./messages.ts";
import { Output } from "./output.ts";
import { LabProgram, type Overflow, ProgramError } from "./program.ts";
import { withTimeout } from "./wait.ts";

const START_TIMEOUT_MS = 20_000;
const CLOSE_TIMEOUT_MS = 10_000;

/** unshare's arguments for a process tree of its own. Users other than root need a user namespace for that. */
export function unshareArguments(): readonly string[] {
  const user = process.geteuid?.() === 0 ? [] : ["--user", "--map-root-user"];
  // With --kill-child the keeper follows if somebody kills unshare itself.
  return [...user, "--pid", "--fork", "--kill-child=KILL"];
}

/** The environment with /usr/sbin in PATH: ip and friends live there, and not everybody's PATH has it. */
export function labEnvironment(): NodeJS.ProcessEnv {
  const { PATH = "/usr/bin:/bin" } = process.env;
  return { ...process.env, PATH: `${PATH}:/usr/sbin:/sbin` };
}

/** The command that runs a file of the lab as a process: .ts in the repository, .js in the package. */
export function labCommand(name: string): readonly string[] {
  return [process.execPath, join(dirname(import.meta.filename), name + extname(import.meta.filename))];
}

export interface ProgramRequest extends SpawnRequest {
  readonly what: string;
  readonly outputBytesMax: number;
  readonly overflow: Overflow;
}

export class ProcessTree {
  readonly #keeper: ChildProcess;
  readonly #stderr = new Output(4096);
  readonly #programs = new Map<number, LabProgram>();
  readonly #ready = Promise.withResolvers<void>();
  readonly #gone = Promise.withResolvers<void>();
  #ids = 0;

  private constructor() {
    this.#keeper = spawn("unshare", [...unshareArguments(), "--", ...labCommand("keeper")], {
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      serialization: "advanced",
      env: labEnvironment(),
      // The keeper has a session of its own: Ctrl-C is the owner's to answer, by close().
      detached: true,
    });
    this.#keeper.stderr!.on("data", (chunk: Buffer) => this.#stderr.append(chunk));
    this.#keeper.on("message", (message) => this.#hear(message as FromKeeper));
    this.#keeper.once("error", (error) => this.#lose(`did not start: ${error.message}`));
    this.#keeper.once("close", (code, signal) => this.#lose(`ended (${signal ?? `exit code ${code}`})`));
  }

  static async start(): Promise<ProcessTree> {
    const tree = new ProcessTree();
    await withTimeout(tree.#ready.promise, {
      what: "the lab's keeper to start",
      timeoutMs: START_TIMEOUT_MS,
    });
    return tree;
  }

  /** Starts a process and waits until it runs. */
  async spawn(request: ProgramRequest): Promise<LabProgram> {
    const { what, outputBytesMax, overflow, ...spawnRequest } = request;
    const id = ++this.#ids;
    const send = (message: ToKeeper) => this.#send(message);
    const program = new LabProgram(id, { what, outputBytesMax, overflow, send });
    this.#programs.set(id, program);
    this.#send({ kind: "spawn", id, ...spawnRequest });
    await withTimeout(program.started, { what: `${what} to start`, timeoutMs: START_TIMEOUT_MS });
    return program;
  }

  /** Ends every process of the lab. May be called again. */
  async close(): Promise<void> {
    this.#send({ kind: "close" });
    const closed = { what: "the lab's processes to end", timeoutMs: CLOSE_TIMEOUT_MS };
    try {
      await withTimeout(this.#gone.promise, closed);
    } catch (error) {
      this.#keeper.kill("SIGKILL");
      throw error;
    }
  }

  #send(message: ToKeeper): void {
    // #lose tells of a keeper that has gone.
    if (this.#keeper.connected) this.#keeper.send(message, () => {});
    else if (message.kind === "spawn") this.#programs.get(message.id)?.onRefused("the lab is closed");
  }

  #hear(message: FromKeeper): void {
    if (message.kind === "ready") {
      this.#ready.resolve();
      return;
    }
    // A child of a program may write on after the program's exit was reported.
    const program = this.#programs.get(message.id);
    if (program !== undefined) hearOf(program, message);
    if (message.kind === "refused" || message.kind === "exited") this.#programs.delete(message.id);
  }

  /** Ends all programs: the keeper has gone, and by the kernel's promise its processes with it. */
  #lose(how: string): void {
    this.#ready.reject(new ProgramError("the lab's keeper", how, this.#stderr.text()));
    for (const program of this.#programs.values()) program.onExited({ code: null, signal: "SIGKILL" });
    this.#programs.clear();
    this.#gone.resolve();
  }
}

function hearOf(program: LabProgram, message: Exclude<FromKeeper, { readonly kind: "ready" }>): void {
  switch (message.kind) {
    case "spawned":
      program.onSpawned(message.pid);
      break;
    case "output":
      program.onOutput(message.stream, message.chunk);
      break;
    case "said":
      program.onSaid(message.message);
      break;
    case "refused":
      program.onRefused(message.error);
      break;
    case "exited":
      program.onExited({ code: message.code, signal: message.signal });
      break;
  }
}
