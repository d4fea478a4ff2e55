// The ruleset as nft commands. Pure: the text is made of numbers, formatted addresses and scopes alone, so that no
// user's text reaches nft unparsed.
//
//   prerouting, priority raw (before connection tracking): chain guard
//     per listener   tcp dport { ports } [ip daddr address] goto on_SCOPE
//       on_SCOPE     drop sources in the sets ban*_all and ban*_SCOPE; SYNs go to syn_SCOPE
//       syn_SCOPE    drop sources in the sets cap*_all and cap*_SCOPE
//   prerouting, priority mangle (after connection tracking): chain fence, only where a limit is strict
//
// A set-only table has the sets and no chain.

import type { ListenerRules, RulesetSpec } from "./backend.ts";
import { type BanSetId, banSetName } from "./ban-set.ts";
import { type FenceSet, fenceChains, fenceSetCommand } from "./nftables-fence.ts";
import { type Chain, maskedSource, portRules, prerouting, refusalVerdict, SYN } from "./nftables-words.ts";
import { ALL_SCOPE, scopeOf } from "./scope.ts";

export const TABLE_NAME = "sockwarden";
const T = `inet ${TABLE_NAME}`;

/** Before connection tracking sees the packet. */
const RAW = -300;

/** The wanted contents of the table. */
export interface Ruleset {
  readonly spec: RulesetSpec;
  readonly sets: readonly BanSetId[];
  readonly fence: readonly FenceSet[];
  /** False for the sets alone. */
  readonly rules: boolean;
}

/** Our contents of the table. */
export interface TableContents {
  readonly chains: readonly string[];
  readonly sets: readonly string[];
}

/** One transaction that makes the table as wanted, whatever it was. Sets that stay keep their elements. */
export function rulesetCommands(ruleset: Ruleset, standing: TableContents): string[] {
  const sets = new Set([...ruleset.sets, ...ruleset.fence].map((set) => setName(set)));
  const chains = ruleset.rules ? chainsOf(ruleset) : [];
  const kept = new Set(chains.map(({ name }) => name));
  return [
    `add table ${T}`,
    ...standing.chains.map((name) => `flush chain ${T} ${name}`),
    ...standing.chains.filter((name) => !kept.has(name)).map((name) => `delete chain ${T} ${name}`),
    ...standing.sets.filter((name) => !sets.has(name)).map((name) => `delete set ${T} ${name}`),
    ...ruleset.sets.map(banSetCommand),
    ...ruleset.fence.map((set) => fenceSetCommand(T, set)),
    ...chains.map(({ name, hook }) => `add chain ${T} ${name}${hook === null ? "" : ` { ${hook} }`}`),
    ...chains.flatMap(({ name, rules }) => rules.map((rule) => `add rule ${T} ${name} ${rule}`)),
  ];
}

function setName(set: BanSetId | FenceSet): string {
  return "name" in set ? set.name : banSetName(set);
}

/** Whether we gave a chain its name. Others in our table belong to somebody else. */
export function isOurChain(name: string): boolean {
  return /^(guard|fence|(on|syn|fence)_[a-z][a-z0-9_]{0,11})$/.test(name);
}

/** The chains, each before those that jump to it: nft refuses a jump to a chain that is not made yet. */
function chainsOf(ruleset: Ruleset): Chain[] {
  const { listeners } = ruleset.spec;
  return [
    ...listeners.flatMap((listener) => listenerChains(ruleset, listener)),
    {
      name: "guard",
      hook: prerouting(RAW),
      rules: portRules(listeners, (listener) => `goto on_${scopeOf(listener.name)}`),
    },
    ...fenceChains(ruleset.spec, ruleset.fence),
  ];
}

function listenerChains({ spec, sets }: Ruleset, listener: ListenerRules): Chain[] {
  const scope = scopeOf(listener.name);
  const lookups = (kind: BanSetId["kind"]): string[] =>
    sets
      .filter((set) => set.kind === kind && (set.scope === scope || set.scope === ALL_SCOPE))
      .map(
        (set) => `${maskedSource(set.family, set.length)} @${banSetName(set)} ${refusalVerdict(spec.action)}`,
      );
  return [
    { name: `syn_${scope}`, hook: null, rules: lookups("cap") },
    { name: `on_${scope}`, hook: null, rules: [...lookups("ban"), `${SYN} goto syn_${scope}`] },
  ];
}

function banSetCommand(set: BanSetId): string {
  const type = set.family === 4 ? "ipv4_addr" : "ipv6_addr";
  return `add set ${T} ${banSetName(set)} { type ${type}; flags timeout; counter; }`;
}
