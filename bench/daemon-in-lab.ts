// The compiled daemon in a lab's victim namespace, for benches. It has a folder of its own, and its output is kept.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Lab, RunResult, Started } from "../lab/index.ts";
import { until } from "../lab/index.ts";

const MAIN = fileURLToPath(new URL("../dist/src/cli/main.js", import.meta.url));
const READY_TIMEOUT_MS = 60_000;
const COMMAND_TIMEOUT_MS = 60_000;

export class DaemonInLab implements AsyncDisposable {
  readonly #lab: Lab;
  readonly #folder = mkdtempSync(path.join(tmpdir(), "sockwarden-bench-"));
  #daemon: Started | null = null;

  /** `listener` is one entry of the configuration's `listeners`. */
  constructor(lab: Lab, listener: object) {
    this.#lab = lab;
    mkdirSync(`${this.#folder}/state`);
    const configuration = {
      mode: "enforce",
      stateDir: `${this.#folder}/state`,
      socket: `${this.#folder}/socket`,
      listeners: [listener],
    };
    writeFileSync(`${this.#folder}/sockwarden.yaml`, JSON.stringify(configuration));
  }

  /** A path in its folder. */
  file(name: string): string {
    return path.join(this.#folder, name);
  }

  get pid(): number {
    return this.#daemon?.pid ?? 0;
  }

  /** Starts the daemon. Resolves with the milliseconds until it answers. `nodeOptions` are for Node itself. */
  async start(
    nodeOptions: readonly string[] = [],
    env: Readonly<Record<string, string>> = {},
  ): Promise<number> {
    const startedAt = performance.now();
    const run = ["run", "-c", `${this.#folder}/sockwarden.yaml`, "--enforce"];
    const daemon = await this.#lab.victim.start([process.execPath, ...nodeOptions, MAIN, ...run], { env });
    this.#daemon = daemon;
    await until(() => daemon.output().stdout.includes("it answers on"), {
      what: "the daemon to answer",
      timeoutMs: READY_TIMEOUT_MS,
    });
    return performance.now() - startedAt;
  }

  signal(signal: NodeJS.Signals): void {
    this.#daemon?.signal(signal);
  }

  async ended(): Promise<void> {
    await this.#daemon?.ended;
  }

  output(): string {
    return this.#daemon?.output().stdout ?? "";
  }

  command(...args: readonly string[]): Promise<RunResult> {
    const argv = [process.execPath, MAIN, ...args, "--socket", `${this.#folder}/socket`];
    return this.#lab.victim.run(argv, { timeoutMs: COMMAND_TIMEOUT_MS });
  }

  /** The value of a metric; with labels, of its first. */
  async metric(name: string): Promise<number> {
    const argv = ["curl", "-sS", "--unix-socket", `${this.#folder}/socket`, "http://localhost/metrics"];
    const text = await this.#lab.victim.read(argv);
    return Number(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, "m").exec(text)?.[1] ?? Number.NaN);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#daemon?.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
