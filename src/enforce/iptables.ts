// Runs iptables and ip6tables: makes our chains, and tells whether they still stand. iptables-restore changes a table
// in one transaction. Everything is run with -w, so that two runs at once wait for each other.

import { type NftablesSocket, openNftablesSocket, runProgram } from "../linux/index.ts";
import type { RulesetSpec } from "./backend.ts";
import { missing, programRefusal } from "./backend-error.ts";
import {
  HOOK,
  isNeeded,
  MAIN_CHAIN,
  readStandingRules,
  restoreText,
  TABLES,
  type TableName,
} from "./ipset-rules.ts";

const IP_FAMILIES: readonly (4 | 6)[] = [4, 6];

const PROGRAM = { 4: "iptables", 6: "ip6tables" } as const;

/** How often iptables is asked if watching is not free: some 5 ms for each family. */
const RULES_EVERY_MS = 5000;

/** Access to the programs and to the kernel. */
export interface IptablesAccess {
  readonly run: typeof runProgram;
  readonly openSocket: () => Pick<NftablesSocket, "generation" | typeof Symbol.dispose>;
  /** A clock in milliseconds that never goes back. */
  readonly now: () => number;
}

/** Access in the calling thread's network namespace. */
const HERE: IptablesAccess = {
  run: runProgram,
  openSocket: openNftablesSocket,
  now: () => performance.now(),
};

/**
 * Our chains. Today's iptables keeps them in nf_tables. A change is then cheap to notice: the generation costs 10 us to
 * read. The older one can only be asked itself, so it is asked now and then whether our jumps are there.
 */
export class Iptables implements Disposable {
  readonly #access: IptablesAccess;
  /** Null if rules are not kept in nf_tables; undefined if nobody has asked yet. */
  #nftables: ReturnType<IptablesAccess["openSocket"]> | null | undefined;
  #spec: RulesetSpec | null = null;
  #generation: number | null = null;
  #askedAt = 0;

  constructor(access: IptablesAccess = HERE) {
    this.#access = access;
  }

  /** Makes our chains in every table as `spec` wants them. Null takes them away. Throws BackendError. */
  applyAll(spec: RulesetSpec | null): void {
    for (const family of IP_FAMILIES) for (const table of TABLES) this.apply(spec, table, family);
  }

  /** Does the same in one table. */
  apply(spec: RulesetSpec | null, table: TableName, family: 4 | 6): void {
    const saved = this.#run([`${PROGRAM[family]}-save`, "-t", table]);
    const text = restoreText(spec, table, family, readStandingRules(table, saved));
    if (text !== null) this.#run([`${PROGRAM[family]}-restore`, "-w", "5", "--noflush"], text);
  }

  /** Notes that the rules stand as `spec` wants them; null for none. */
  seen(spec: RulesetSpec | null): void {
    this.#spec = spec;
    if (this.#nftables === undefined) {
      this.#nftables = this.#keepsRulesInNftables() ? this.#access.openSocket() : null;
    }
    this.#generation = this.#nftables?.generation() ?? null;
    this.#askedAt = this.#access.now();
  }

  /** Whether somebody changed the rules since the last call, or since they were seen. */
  disturbed(): boolean {
    if (this.#nftables === undefined) return false;
    if (this.#nftables === null) return this.#jumpIsMissing();
    const generation = this.#nftables.generation();
    const disturbed = generation !== this.#generation;
    this.#generation = generation;
    return disturbed;
  }

  [Symbol.dispose](): void {
    this.#nftables?.[Symbol.dispose]();
  }

  #run(argv: readonly string[], input?: string): string {
    const output = this.#access.run(argv, input);
    if (output === null) throw missing("set up iptables", argv[0]!, "iptables");
    if (output.code !== 0) throw programRefusal(argv.join(" "), output.stderr);
    return output.stdout;
  }

  #jumpIsMissing(): boolean {
    if (this.#access.now() - this.#askedAt < RULES_EVERY_MS) return false;
    this.#askedAt = this.#access.now();
    const spec = this.#spec;
    if (spec === null) return false;
    return IP_FAMILIES.some((family) =>
      TABLES.filter((table) => isNeeded(spec, table, family)).some((table) => !this.#hasJump(table, family)),
    );
  }

  #hasJump(table: TableName, family: 4 | 6): boolean {
    const argv = [PROGRAM[family], "-w", "5", "-t", table, "-C", HOOK[table], "-j", MAIN_CHAIN];
    return this.#access.run(argv)?.code === 0;
  }

  #keepsRulesInNftables(): boolean {
    return this.#access.run(["iptables", "--version"])?.stdout.includes("nf_tables") ?? false;
  }
}
