// Our table of nf_tables in memory: its sets and chains follow the commands and changes of elements.

import { type ElementChange, Errno, type SetElement, SetFlag, type SetShape } from "../../linux/index.ts";
import { BackendError } from "../backend-error.ts";
import type { TableAccess } from "../nftables.ts";

interface FakeSet {
  readonly shape: SetShape;
  readonly elements: Map<string, SetElement>;
}

/** NLM_F_EXCL: refuse an element that is there already. */
const EXCLUSIVE = 0x200;

/** Our table with its sets and chains. */
export class FakeTable implements TableAccess {
  readonly kernel: Map<string, FakeSet> = new Map();
  readonly rules: Map<string, string[]> = new Map();
  /** Every command that was run, and every change of elements. */
  readonly log: string[] = [];
  /** nft's next answer. */
  refusal: BackendError | null = null;
  #stands = false;

  watch(): void {}

  disturbed(): boolean {
    return false;
  }

  sets(): SetShape[] {
    return [...this.kernel.values()].map(({ shape }) => shape);
  }

  chains(): string[] {
    return [...this.rules.keys()];
  }

  elements(set: string): SetElement[] {
    return [...(this.kernel.get(set)?.elements.values() ?? [])];
  }

  change(set: string, changes: readonly ElementChange[]): { errno: number; words: string | null } {
    const held = this.kernel.get(set);
    this.log.push(
      `${changes.map(({ timeoutsMs }) => (timeoutsMs === null ? "del" : "add")).join("+")} ${set}`,
    );
    if (held === undefined) return { errno: Errno.ENOENT, words: null };
    for (const one of changes) {
      const errno = applyChange(held.elements, one);
      if (errno !== 0) return { errno, words: null };
    }
    return { errno: 0, words: null };
  }

  /** Runs all commands. If one does not fit, none is run. */
  run(operation: string, commands: readonly string[]): BackendError | null {
    this.log.push(...commands);
    const refusal = this.refusal;
    this.refusal = null;
    if (refusal !== null) return refusal;
    for (const command of commands) {
      if (!this.#runOne(command.split(" "))) return new BackendError("refused", operation, command);
    }
    return null;
  }

  [Symbol.dispose](): void {
    this.log.push("dispose");
  }

  /**
   * Runs one command such as `add set inet sockwarden ban4_32_all { type ...; flags ...; }`. False if the kernel would
   * not take it.
   */
  #runOne([verb, what, , , name = "", ...rest]: readonly string[]): boolean {
    const rules = this.rules.get(name);
    if (what === "table") return this.#table(verb!);
    if (!this.#stands) return false;
    if (what === "rule") return rules !== undefined && rules.push(rest.join(" ")) > 0;
    if (what === "chain" && verb === "delete") return this.rules.delete(name);
    if (what === "chain" && verb === "flush") return rules !== undefined && rules.splice(0).length >= 0;
    if (what === "chain") return this.rules.set(name, rules ?? []).has(name);
    if (verb === "delete") return this.kernel.delete(name);
    if (verb === "flush") return this.kernel.get(name)?.elements.clear() === undefined;
    const shape = shapeOf(name, rest.join(" "));
    const before = this.kernel.get(name);
    if (before !== undefined) return JSON.stringify(before.shape) === JSON.stringify(shape);
    return this.kernel.set(name, { shape, elements: new Map() }).has(name);
  }

  #table(verb: string): boolean {
    this.#stands = verb === "add";
    if (!this.#stands) {
      this.kernel.clear();
      this.rules.clear();
    }
    return true;
  }
}

function shapeOf(name: string, text: string): SetShape {
  const flags = /flags ([\w,]+)/.exec(text)?.[1]?.split(",") ?? [];
  return {
    table: "sockwarden",
    name,
    flags:
      (flags.includes("timeout") ? SetFlag.TIMEOUT : 0) |
      (flags.includes("interval") ? SetFlag.INTERVAL : 0) |
      (flags.includes("dynamic") ? SetFlag.EVAL : 0),
    keyBytes: text.includes("ipv4_addr") ? 4 : 16,
    counts: text.includes("counter"),
  };
}

/**
 * Changes elements as nf_tables before Linux 6.12 does: an element that stands keeps its end, and one that must be new
 * is refused.
 */
function applyChange(elements: Map<string, SetElement>, { keys, timeoutsMs, flags }: ElementChange): number {
  const texts = keys.map((key) => Buffer.from(key).toString("hex"));
  const missing = timeoutsMs === null && texts.some((text) => !elements.has(text));
  if (missing) return Errno.ENOENT;
  if ((flags & EXCLUSIVE) !== 0 && texts.some((text) => elements.has(text))) return Errno.EEXIST;
  for (const [i, text] of texts.entries()) {
    if (timeoutsMs === null) elements.delete(text);
    else if (!elements.has(text))
      elements.set(text, { key: keys[i]!, remainingMs: timeoutsMs[i]!, packets: 0 });
  }
  return 0;
}
