// The kit of the daemon's tests: `sockwarden run` in the victim's namespace of a lab with a folder of its own, the
// verbs against it, and the outside judges: nft, ss and the daemon's own output.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import {
  type Lab,
  labUnavailable,
  openLab,
  type Population,
  parseRefused,
  type RefusedAddresses,
  type Started,
  until,
  withTimeout,
} from "../../lab/index.ts";
import { type Client, openClient } from "../../src/client/index.ts";
import { BIN, type Ran, sockwarden } from "./sockwarden.ts";

/** The limit of one silent source; small, so that tests are fast. */
export const LIMIT = 10;
export const PORT = 5060;
/** The fewest connections that get a hoarder banned, and that it keeps when it is let be. */
export const HOARD = 40;

const READY_MS = 20_000;
const EXIT_MS = 10_000;

/** The tests read the kernel of a namespace as root does. */
export function skipReason(): string | false {
  return (
    labUnavailable() ?? (process.getuid?.() === 0 ? false : "only root may enter the namespace of a lab")
  );
}

/** A listener that bans a silent source past LIMIT as soon as it is silent for 300 ms. */
export const SIP: Readonly<Record<string, unknown>> = {
  name: "sip",
  ports: [PORT],
  profile: "sip",
  slots: 2000,
  limits: { unprovenPerSource: LIMIT, unprovenPerNetwork: 500, speakWithin: "300ms", silentFor: "60s" },
};

/** A configuration of the contract's form. JSON is YAML, too. */
export type Configuration = Readonly<Record<string, unknown>>;

export interface StartOptions {
  readonly configuration?: Configuration;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Put before the program: setpriv, unshare. */
  readonly wrapper?: readonly string[];
}

/** A daemon's folder: its configuration, socket and state; and the daemon that runs there, one after another. */
export class DaemonPlace implements AsyncDisposable {
  readonly lab: Lab;
  readonly folder: string;
  #running: Started | null = null;

  constructor(lab: Lab) {
    this.lab = lab;
    this.folder = mkdtempSync(path.join(tmpdir(), "sockwarden-daemon-"));
  }

  get socket(): string {
    return path.join(this.folder, "s");
  }

  get stateDir(): string {
    return path.join(this.folder, "state");
  }

  get file(): string {
    return path.join(this.folder, "sockwarden.yaml");
  }

  get pid(): number {
    return this.#running!.pid;
  }

  get client(): Client {
    return openClient({ socket: this.socket, timeoutMs: 20_000 });
  }

  /** Writes the file: the usual configuration with these values in place of its own. */
  configure(configuration: Configuration = {}): void {
    const { socket, stateDir } = this;
    this.write(`${JSON.stringify({ socket, stateDir, listeners: [SIP], ...configuration }, null, 2)}\n`);
  }

  write(text: string): void {
    writeFileSync(this.file, text);
  }

  /** Starts it, and waits for it to say that it answers. */
  async start(options: StartOptions = {}): Promise<void> {
    const started = await this.launch(options);
    let ended = false;
    void started.ended.then(() => (ended = true));
    const ready = (): boolean => {
      if (ended) throw new Error(`the daemon ended: ${this.log()}`);
      return this.log().includes("it answers on ");
    };
    await until(ready, { what: "the daemon to be ready", timeoutMs: READY_MS }).catch((cause) => {
      throw new Error(`the daemon did not get ready: ${this.log()}`, { cause });
    });
  }

  /** Starts it and returns at once. */
  async launch({ configuration, args = [], env = {}, wrapper = [] }: StartOptions = {}): Promise<Started> {
    this.configure(configuration);
    const argv = [...wrapper, process.execPath, BIN, "run", "-c", this.file, ...args];
    this.#running = await this.lab.victim.start(argv, { env });
    return this.#running;
  }

  /** Starts it where it cannot run; resolves with its end. */
  async startInVain(options: StartOptions = {}): Promise<Ran> {
    const started = await this.launch(options);
    try {
      const { code } = await withTimeout(started.ended, {
        what: "the daemon to give up",
        timeoutMs: READY_MS,
      });
      this.#running = null;
      return { code, ...started.output() };
    } catch (cause) {
      throw new Error(`the daemon has not given up: ${this.log()}`, { cause });
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.#running!.signal(signal);
  }

  /** Sends the signal; resolves with the exit code, or the signal that ended it. */
  async end(signal: NodeJS.Signals = "SIGTERM"): Promise<number | string | null> {
    this.signal(signal);
    return this.exit();
  }

  /** Resolves when it has ended by somebody else's order. */
  async exit(): Promise<number | string | null> {
    const running = this.#running!;
    let done = false;
    void running.ended.then(() => (done = true));
    await until(() => done, { what: `the daemon to end: ${this.log()}`, timeoutMs: EXIT_MS });
    const { code, signal: by } = await running.ended;
    this.#running = null;
    return by ?? code;
  }

  /** Its output since its last start. */
  log(): string {
    const output = this.#running?.output();
    return output === undefined ? "" : `${output.stdout}${output.stderr}`;
  }

  /** Waits until the log has such a line; returns it. */
  async says(words: RegExp, timeoutMs = 10_000): Promise<string> {
    const find = () =>
      this.log()
        .split("\n")
        .find((line) => words.test(line));
    await until(() => find() !== undefined, { what: `${words} in the log:\n${this.log()}`, timeoutMs }).catch(
      (cause) => {
        throw new Error(`${words} is not in the log:\n${this.log()}`, { cause });
      },
    );
    return find()!;
  }

  /** A verb of the program against this daemon. */
  verb(...args: readonly string[]): Promise<Ran> {
    return sockwarden(this.lab.victim, [...args, "--socket", this.socket]);
  }

  /** A verb's document; fails unless the exit code is 0. */
  async json<Document>(...args: readonly string[]): Promise<Document> {
    const { code, stdout, stderr } = await this.verb(...args, "--json");
    if (code !== 0) throw new Error(`${args.join(" ")} ended with ${code}: ${stderr}${stdout}`);
    return JSON.parse(stdout);
  }

  /** Ends the daemon and removes the folder. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#running !== null) await this.end("SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A lab with an echo server and the place of a daemon. */
export class DaemonLab implements AsyncDisposable {
  readonly lab: Lab;
  readonly place: DaemonPlace;

  private constructor(lab: Lab) {
    this.lab = lab;
    this.place = new DaemonPlace(lab);
  }

  static async open(ports: readonly number[] = [PORT]): Promise<DaemonLab> {
    const lab = await openLab();
    await lab.echo({ port: ports });
    return new DaemonLab(lab);
  }

  /** One source, silent, with more than its limit. */
  hoard(count: number = HOARD, address?: string): Promise<Population> {
    return this.lab.hold({
      behaviour: "silent",
      count,
      sources: address === undefined ? { family: 4, addresses: 1 } : [address],
      target: { address: this.lab.victimAddress4, port: PORT },
    });
  }

  address(): string {
    return this.lab.takeAddresses({ family: 4, addresses: 1 })[0]!;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.place[Symbol.asyncDispose]();
    await this.lab.close();
  }
}

/** Everything that nftables holds in the victim's namespace. */
export function ruleset(lab: Lab): Promise<string> {
  return lab.victim.read(["nft", "list", "ruleset"]);
}

/** The addresses that the kernel refuses; none where there is no table. */
export async function refused(lab: Lab): Promise<RefusedAddresses> {
  const { code, stdout } = await lab.victim.run(["nft", "--json", "list", "table", "inet", "sockwarden"]);
  return code === 0 ? parseRefused(stdout) : { bans: [], caps: [] };
}

export async function isBanned(lab: Lab, source: string): Promise<boolean> {
  return (await refused(lab)).bans.includes(source);
}

/** Established connections of an address at the victim, by ss. */
export async function held(lab: Lab, address: string): Promise<number> {
  const text = await lab.victim.read(["ss", "-tnHO", "state", "established", `dst ${address}`]);
  return text.split("\n").filter((line) => line !== "").length;
}
