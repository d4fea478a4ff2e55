// One network namespace of a lab: a place to run programs in, known by the process that pins it. It has no name and no
// mount, and goes with its last process.

import type { Exit, ToWorker } from "./messages.ts";
import { labCommand, type ProcessTree, type ProgramRequest } from "./process-tree.ts";
import type { LabProgram } from "./program.ts";
import { withTimeout } from "./wait.ts";

const RUN_TIMEOUT_MS = 10_000;
const WORKER_TIMEOUT_MS = 20_000;
const STOP_GRACE_MS = 2000;
const RUN_OUTPUT_BYTES = 64 * 1024 * 1024;

/** The end of a long-running program's output is enough. */
const TAIL = { outputBytesMax: 64 * 1024, overflow: "drop-oldest" } as const;

export interface StartOptions {
  readonly cwd?: string;
  /** Variables added to the owner's environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
}

export interface RunOptions extends StartOptions {
  readonly timeoutMs?: number;
  readonly outputBytesMax?: number;
}

export interface RunResult extends Exit {
  readonly stdout: string;
  readonly stderr: string;
}

/** A program that runs on. */
export interface Started {
  readonly pid: number;
  readonly ended: Promise<Exit>;
  /** The last 64 KiB of each stream. */
  output(): { readonly stdout: string; readonly stderr: string };
  signal(signal: NodeJS.Signals): void;
  /** Sends SIGTERM, and SIGKILL two seconds later. Both also reach what the program forked. */
  stop(): Promise<Exit>;
}

export class Namespace {
  /** The process that pins the namespace, for `--netns PID` and nsenter. */
  readonly pid: number;
  readonly #tree: ProcessTree;

  private constructor(tree: ProcessTree, pid: number) {
    this.#tree = tree;
    this.pid = pid;
  }

  /** Makes a new namespace with these settings (names below /proc/sys). */
  static async open(tree: ProcessTree, settings: Readonly<Record<string, string>>): Promise<Namespace> {
    const pin = await tree.spawn({
      argv: ["unshare", "--net", "--", ...labCommand("pin")],
      what: "network namespace",
      worker: true,
      ...TAIL,
    });
    pin.tell({ kind: "pin", settings });
    await pin.next("ready", { what: "its settings", timeoutMs: WORKER_TIMEOUT_MS });
    return new Namespace(tree, pin.pid);
  }

  /** Runs a program to its end. Throws when it does not start, takes too long or writes too much. */
  async run(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    const { timeoutMs = RUN_TIMEOUT_MS, outputBytesMax = RUN_OUTPUT_BYTES, ...rest } = options;
    const program = await this.#spawn(argv, { ...rest, worker: false, outputBytesMax, overflow: "kill" });
    try {
      const exit = await withTimeout(program.ended, { what: `${argv.join(" ")} to end`, timeoutMs });
      if (program.outputOverflowed) throw program.failure(`wrote more than ${outputBytesMax} bytes`);
      return { ...exit, stdout: program.stdout.text(), stderr: program.stderr.text() };
    } finally {
      program.signal("SIGKILL");
    }
  }

  /** Runs a program as run() does. Throws unless it exits with 0. Returns what it wrote to stdout. */
  async read(argv: readonly string[], options: RunOptions = {}): Promise<string> {
    const { code, signal, stdout, stderr } = await this.run(argv, options);
    if (code !== 0)
      throw new Error(`${argv.join(" ")}: ${signal ?? `exit code ${code}`}\n${stderr.trimEnd()}`);
    return stdout;
  }

  /** Starts a program that runs on. */
  async start(argv: readonly string[], options: StartOptions = {}): Promise<Started> {
    const program = await this.#spawn(argv, { ...options, worker: false, ...TAIL });
    return {
      pid: program.pid,
      ended: program.ended,
      output: () => ({ stdout: program.stdout.text(), stderr: program.stderr.text() }),
      signal: (signal) => program.signal(signal),
      stop: () => program.stop(STOP_GRACE_MS),
    };
  }

  /** Starts a worker of the lab and gives it its task. `wrapper` is put before the command. */
  async startWorker(
    name: string,
    task: ToWorker,
    { wrapper = [] }: { readonly wrapper?: readonly string[] } = {},
  ): Promise<LabProgram> {
    const program = await this.#spawn([...wrapper, ...labCommand(name)], {
      what: name,
      worker: true,
      ...TAIL,
    });
    program.tell(task);
    return program;
  }

  #spawn(
    argv: readonly string[],
    request: Omit<ProgramRequest, "argv" | "what"> & { readonly what?: string },
  ): Promise<LabProgram> {
    const enter = ["nsenter", `--net=/proc/${this.pid}/ns/net`, "--"];
    return this.#tree.spawn({ what: argv.join(" "), ...request, argv: [...enter, ...argv] });
  }
}
