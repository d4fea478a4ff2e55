// The protector of a play: the installed program, started in the victim namespace as people start it.

import { mkdir } from "node:fs/promises";
import { connect } from "node:net";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { LIST_TABLE } from "./bans.ts";
import type { Lab } from "./lab.ts";
import type { RunResult, Started } from "./namespace.ts";
import { until } from "./wait.ts";

const READY_TIMEOUT_MS = 15_000;
const COMMAND_TIMEOUT_MS = 30_000;
const DISK_BYTES = "8m";

export interface ProtectionPlace {
  readonly lab: Lab;
  /** The play's own folder. It holds the state, and is removed with everything in it. */
  readonly folder: string;
  readonly configuration: string;
  readonly socket: string;
  /** Whether the state must lie on a small disk of its own that can be filled. */
  readonly smallDisk: boolean;
  /** A file with a number of milliseconds, which is added to the protector's wall clock. */
  readonly clockFile: string | null;
}

export interface Protector {
  readonly pid: number;
  readonly socket: string;
  /** Runs a verb of the program against this protector, in the victim namespace. */
  command(args: readonly string[]): Promise<RunResult>;
  /** Ends it with SIGTERM. */
  stop(): Promise<void>;
  kill9(): Promise<void>;
  /** Starts it again after kill9() or stop(). Resolves when it is ready. */
  start(): Promise<void>;
  /** Its output on stderr and stdout since its last start. */
  log(): string;
}

export interface Protection {
  start(place: ProtectionPlace): Promise<Protector>;
}

/** Protection by the project's own binary; `node` runs it. */
export function sockwardenProtection(binary: string, node: string = process.execPath): Protection {
  return {
    async start(place) {
      const protector = new SockwardenProtector([node, binary], place);
      await protector.start();
      return protector;
    },
  };
}

/** The verdict of the project's own binary on a port of the victim. Its times are faster by the play's scale. */
export function sockwardenDiagnose(
  binary: string,
  scale: number,
  node: string = process.execPath,
): (lab: Lab, port: number) => Promise<string> {
  const faster = (seconds: number) => `${Math.round((seconds * 1000) / scale)}ms`;
  const times = ["--silent-for", faster(30), "--stalled-for", faster(30), "--idle-after", faster(120)];
  return async (lab, port) => {
    const asked = ["diagnose", "-p", String(port), "--seconds", "2", "--json", ...times];
    const document = await lab.victim.read([node, binary, ...asked], { timeoutMs: COMMAND_TIMEOUT_MS });
    return String(JSON.parse(document).verdict);
  };
}

class SockwardenProtector implements Protector {
  readonly socket: string;
  readonly #program: readonly string[];
  readonly #place: ProtectionPlace;
  #started: Started | null = null;

  constructor(program: readonly string[], place: ProtectionPlace) {
    this.#program = program;
    this.#place = place;
    this.socket = place.socket;
  }

  get pid(): number {
    return this.#started?.pid ?? 0;
  }

  async start(): Promise<void> {
    const { lab, configuration, folder, smallDisk, clockFile } = this.#place;
    const state = `${folder}/state`;
    await mkdir(state, { recursive: true });
    const wrapper = smallDisk ? withSmallDisk(state) : [];
    const argv = [...wrapper, ...this.#program, "run", "-c", configuration, "--enforce"];
    this.#started = await lab.victim.start(argv, clockFile === null ? {} : { env: shiftedClock(clockFile) });
    const started = this.#started;
    let ended = false;
    void started.ended.then(() => (ended = true));
    const ready = async () => {
      if (ended) throw new Error(`the protector ended: ${this.log()}`);
      return (await accepts(this.socket)) && (await this.#hasTable());
    };
    await until(ready, { what: "the protector to be ready", timeoutMs: READY_TIMEOUT_MS }).catch((cause) => {
      throw new Error(`the protector did not get ready: ${this.log()}`, { cause });
    });
  }

  command(args: readonly string[]): Promise<RunResult> {
    const argv = [...this.#program, ...args, "--socket", this.socket];
    return this.#place.lab.victim.run(argv, { timeoutMs: COMMAND_TIMEOUT_MS });
  }

  async stop(): Promise<void> {
    this.#started?.signal("SIGTERM");
    await this.#started?.ended;
  }

  async kill9(): Promise<void> {
    this.#started?.signal("SIGKILL");
    await this.#started?.ended;
  }

  log(): string {
    const output = this.#started?.output();
    return output === undefined ? "" : `${output.stdout}${output.stderr}`;
  }

  async #hasTable(): Promise<boolean> {
    return (await this.#place.lab.victim.run(LIST_TABLE)).code === 0;
  }
}

/** Whether somebody listens on the socket. A file that a killed protector left behind refuses. */
function accepts(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const attempt = connect(socket)
      .once("connect", () => {
        attempt.destroy();
        resolve(true);
      })
      .once("error", () => resolve(false));
  });
}

const ownFile = (name: string) => fileURLToPath(new URL(name + extname(import.meta.url), import.meta.url));

/** A command that runs another one with `folder` on a small disk of its own. */
export function withSmallDisk(folder: string): readonly string[] {
  const own = ["unshare", "--mount", "--propagation", "private", "--"];
  return [...own, process.execPath, ownFile("./small-disk"), folder, DISK_BYTES];
}

/** The environment of a program with a wall clock that a file shifts. */
export function shiftedClock(file: string): Readonly<Record<string, string>> {
  const { NODE_OPTIONS = "" } = process.env;
  const preload = `--import=${new URL(`./shifted-clock${extname(import.meta.url)}`, import.meta.url)}`;
  return { NODE_OPTIONS: `${NODE_OPTIONS} ${preload}`.trim(), SOCKWARDEN_LAB_CLOCK: file };
}
