// Our table in the kernel: rules through nft, elements through netlink. It also tells whether anybody else changed the
// ruleset.

import {
  type ElementChange,
  type NftablesSocket,
  openNftablesSocket,
  runProgram,
  type SetElement,
  type SetShape,
} from "../linux/index.ts";
import { type BackendError, missing, programRefusal } from "./backend-error.ts";
import { TABLE_NAME } from "./nftables-script.ts";

/** Opens our table in the calling thread's network namespace. */
export function openOwnTable(): OwnTable {
  return new OwnTable(openNftablesSocket());
}

/** The questions to the kernel by netlink. */
export type TableSocket = Pick<
  NftablesSocket,
  "generation" | "sets" | "chains" | "elements" | "change" | typeof Symbol.dispose
>;

export class OwnTable implements Disposable {
  readonly #socket: TableSocket;
  readonly #run: typeof runProgram;
  /** The ruleset's generation after the last change that was ours or was told of; null until it is first read. */
  #generation: number | null = null;
  #disturbed = false;

  constructor(socket: TableSocket, run: typeof runProgram = runProgram) {
    this.#socket = socket;
    this.#run = run;
  }

  /** Notices changes of others from the first call on. */
  watch(): void {
    this.#generation ??= this.#socket.generation();
  }

  /** Whether somebody else changed anything since the last call. Costs one question to the kernel, some 10 us. */
  disturbed(): boolean {
    const generation = this.#socket.generation();
    const moved = this.#generation !== null && generation !== this.#generation;
    const disturbed = this.#disturbed || moved;
    this.#generation = generation;
    this.#disturbed = false;
    return disturbed;
  }

  sets(): SetShape[] {
    return this.#socket.sets(TABLE_NAME);
  }

  chains(): string[] {
    return this.#socket.chains(TABLE_NAME);
  }

  elements(set: string): SetElement[] {
    return this.#socket.elements({ table: TABLE_NAME, set });
  }

  /** Changes one set in one transaction. */
  change(set: string, changes: readonly ElementChange[]): ReturnType<NftablesSocket["change"]> {
    return this.#own(() => this.#socket.change({ table: TABLE_NAME, set }, changes));
  }

  /**
   * Runs nft: all commands in one transaction. They are arguments, which need no file and no shell. Null if it went
   * well.
   */
  run(operation: string, commands: readonly string[]): BackendError | null {
    const output = this.#own(() => this.#run(["nft", ...asArguments(commands)]));
    if (output === null) throw missing(operation, "nft", "nftables");
    return output.code === 0 ? null : programRefusal(operation, output.stderr);
  }

  [Symbol.dispose](): void {
    this.#socket[Symbol.dispose]();
  }

  /**
   * Makes a change of our own. It raises the generation by one, or not at all if it changed nothing. Somebody else did
   * the rest: what was raised beyond that, or between two changes of ours.
   */
  #own<T>(change: () => T): T {
    const before = this.#socket.generation();
    if (this.#generation !== null && before !== this.#generation) this.#disturbed = true;
    const result = change();
    const after = this.#socket.generation();
    if (after - before > 1) this.#disturbed = true;
    this.#generation = after;
    return result;
  }
}

/** The kernel takes at most 128 KiB in one argument (MAX_ARG_STRLEN), and some 2 MiB in all. */
const ARGUMENT_MAX = 100_000;

/** The commands as few long arguments: nft reads them as one text. */
function asArguments(commands: readonly string[]): string[] {
  const texts: string[] = [];
  for (const command of commands) {
    const last = texts.at(-1);
    if (last !== undefined && last.length + command.length < ARGUMENT_MAX) {
      texts[texts.length - 1] = `${last}${command}\n`;
    } else {
      texts.push(`${command}\n`);
    }
  }
  return texts;
}
