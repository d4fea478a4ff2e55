// Runs iptables and ip6tables: makes our chains, and tells whether they still stand. iptables-restore changes a table in
// one transaction; everything is run with -w, so that two at once wait for each other.

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

/** Where rules cannot be watched for nothing, iptables is asked at most so often: some 5 ms for each family. */
const RULES_EVERY_MS = 5000;

/** Makes our chains in every table as `spec` wants them; null takes them away. */
export function applyAllRules(spec: RulesetSpec | null): void {
  for (const family of IP_FAMILIES) for (const table of TABLES) applyRules(spec, table, family);
}

const PROGRAM = { 4: "iptables", 6: "ip6tables" } as const;

/** Makes our chains in one table as `spec` wants them, or takes them away. */
export function applyRules(spec: RulesetSpec | null, table: TableName, family: 4 | 6): void {
  const saved = run([`${PROGRAM[family]}-save`, "-t", table]);
  const text = restoreText(spec, table, family, readStandingRules(table, saved));
  if (text !== null) run([`${PROGRAM[family]}-restore`, "-w", "5", "--noflush"], text);
}

function run(argv: readonly string[], input?: string): string {
  const output = runProgram(argv, input);
  if (output === null) throw missing("set up iptables", argv[0]!, "iptables");
  if (output.code !== 0) throw programRefusal(argv.join(" "), output.stderr);
  return output.stdout;
}

/**
 * Tells whether somebody changed the rules. Today's iptables keeps them in nf_tables, whose generation costs 10 us to
 * read; of the older one only iptables itself can tell, so it is asked now and then whether our jumps are there.
 */
export class RulesWatch implements Disposable {
  #nftables: NftablesSocket | null | undefined;
  #spec: RulesetSpec | null = null;
  #generation: number | null = null;
  #askedAt = 0;

  /** What stands now is what `spec` wants; null for nothing. */
  seen(spec: RulesetSpec | null): void {
    this.#spec = spec;
    this.#nftables ??= keepsRulesInNftables() ? openNftablesSocket() : null;
    this.#generation = this.#nftables?.generation() ?? null;
    this.#askedAt = performance.now();
  }

  isDisturbed(): boolean {
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

  #jumpIsMissing(): boolean {
    if (performance.now() - this.#askedAt < RULES_EVERY_MS) return false;
    this.#askedAt = performance.now();
    const spec = this.#spec;
    if (spec === null) return false;
    return IP_FAMILIES.some((family) =>
      TABLES.filter((table) => isNeeded(spec, table, family)).some((table) => !hasJump(table, family)),
    );
  }
}

function hasJump(table: TableName, family: 4 | 6): boolean {
  const argv = [PROGRAM[family], "-w", "5", "-t", table, "-C", HOOK[table], "-j", MAIN_CHAIN];
  return runProgram(argv)?.code === 0;
}

function keepsRulesInNftables(): boolean {
  return runProgram(["iptables", "--version"])?.stdout.includes("nf_tables") ?? false;
}
