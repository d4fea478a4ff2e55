// A process of the lab, on its owner's side: its output, its messages, its end, and the way to end it.

import { Refusal } from "../src/model/index.ts";
import type { Exit, FromWorker, ToKeeper, ToWorker } from "./messages.ts";
import { Output } from "./output.ts";
import { type Wait, withTimeout } from "./wait.ts";

/**
 * The error of a process of the lab that could not start, ended too early, or wrote too much: which one, how, and its
 * own words.
 */
export class ProgramError extends Refusal {
  constructor(what: string, how: string, stderr: string) {
    super(`${what}: ${how}${stderr === "" ? "" : `\n${stderr.trimEnd()}`}`);
  }
}

export interface ProgramOptions {
  /** The program's name in errors. */
  readonly what: string;
  readonly outputBytesMax: number;
  /** What gives way when the program writes more: its oldest output, or the program. */
  readonly overflow: Overflow;
  readonly send: (message: ToKeeper) => void;
}

export type Overflow = "drop-oldest" | "kill";

interface MessageListener {
  readonly kind: FromWorker["kind"];
  readonly resolve: (message: FromWorker) => void;
  readonly reject: (error: Error) => void;
}

const KILL_TIMEOUT_MS = 5000;

export class LabProgram {
  readonly id: number;
  readonly what: string;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly started: Promise<void>;
  readonly ended: Promise<Exit>;
  readonly #send: (message: ToKeeper) => void;
  readonly #overflow: Overflow;
  readonly #start = Promise.withResolvers<void>();
  readonly #end = Promise.withResolvers<Exit>();
  #listeners: MessageListener[] = [];
  #pid = 0;
  #exit: Exit | null = null;

  constructor(id: number, options: ProgramOptions) {
    this.id = id;
    this.what = options.what;
    this.stdout = new Output(options.outputBytesMax);
    this.stderr = new Output(options.outputBytesMax);
    this.started = this.#start.promise;
    this.ended = this.#end.promise;
    this.#send = options.send;
    this.#overflow = options.overflow;
    // A caller that waits sees the rejection. It is no fault if nobody waits.
    this.started.catch(() => {});
  }

  get pid(): number {
    return this.#pid;
  }

  get running(): boolean {
    return this.#exit === null;
  }

  get outputOverflowed(): boolean {
    return this.stdout.bytesDropped + this.stderr.bytesDropped > 0;
  }

  tell(message: ToWorker): void {
    this.#send({ kind: "tell", id: this.id, message });
  }

  /** Sends a signal to its whole process group, which includes what it has forked and left behind. */
  signal(signal: NodeJS.Signals): void {
    this.#send({ kind: "signal", id: this.id, signal });
  }

  /** The next message of this kind. Rejects if the process ends or the time is over before it. */
  next<Kind extends FromWorker["kind"]>(
    kind: Kind,
    wait: Wait,
  ): Promise<Extract<FromWorker, { readonly kind: Kind }>> {
    const { promise, resolve, reject } = Promise.withResolvers<FromWorker>();
    if (this.running) this.#listeners.push({ kind, resolve, reject });
    else reject(this.failure(`ended (${exitText(this.#exit!)})`));
    return withTimeout(promise, { ...wait, what: `${this.what}: ${wait.what}` }) as Promise<
      Extract<FromWorker, { readonly kind: Kind }>
    >;
  }

  /** Ends the process and all that it forked. With a grace time SIGTERM asks it first. */
  async stop(graceMs = 0): Promise<Exit> {
    if (graceMs > 0 && this.running) {
      this.signal("SIGTERM");
      await withTimeout(this.ended, { what: this.what, timeoutMs: graceMs }).catch(() => {});
    }
    this.signal("SIGKILL");
    return withTimeout(this.ended, { what: `${this.what} to end by SIGKILL`, timeoutMs: KILL_TIMEOUT_MS });
  }

  /** An error about this process, with the end of its stderr. */
  failure(how: string): ProgramError {
    return new ProgramError(this.what, how, this.stderr.text().slice(-4096));
  }

  // The process tree calls these as the keeper's messages arrive.

  onSpawned(pid: number): void {
    this.#pid = pid;
    this.#start.resolve();
  }

  onOutput(stream: "stdout" | "stderr", chunk: Uint8Array): void {
    this[stream].append(chunk);
    if (this.#overflow === "kill" && this.outputOverflowed) this.signal("SIGKILL");
  }

  onSaid(message: FromWorker): void {
    const heard = this.#listeners.filter(({ kind }) => kind === message.kind);
    this.#listeners = this.#listeners.filter(({ kind }) => kind !== message.kind);
    for (const { resolve } of heard) resolve(message);
  }

  onExited(exit: Exit): void {
    this.#finish(exit, this.failure(`ended (${exitText(exit)})`));
  }

  onRefused(error: string): void {
    this.#finish({ code: null, signal: null }, this.failure(`did not start: ${error}`));
  }

  #finish(exit: Exit, error: ProgramError): void {
    this.#exit = exit;
    this.#start.reject(error);
    this.#end.resolve(exit);
    for (const { reject } of this.#listeners) reject(error);
    this.#listeners = [];
  }
}

function exitText({ code, signal }: Exit): string {
  return signal ?? `exit code ${code}`;
}
