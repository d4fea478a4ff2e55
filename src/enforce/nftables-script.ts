// The ruleset as nft commands: pure text, made of numbers, formatted addresses and scopes alone, so that nothing that
// somebody typed reaches nft unparsed.
//
//   prerouting, priority raw (before connection tracking): chain guard
//     per listener   tcp dport { ports } [ip daddr address] goto on_SCOPE
//       on_SCOPE     drop what is in the sets ban*_all and ban*_SCOPE; SYNs go to syn_SCOPE
//       syn_SCOPE    drop what is in the sets cap*_all and cap*_SCOPE
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

/** Drop before connection tracking looks at the packet. */
const RAW = -300;

/** What the table should hold. */
export interface Ruleset {
  readonly spec: RulesetSpec;
  readonly sets: readonly BanSetId[];
  readonly fence: readonly FenceSet[];
  /** False: the sets alone. */
  readonly rules: boolean;
}

/** What it holds of ours. */
export interface TableContents {
  readonly chains: readonly string[];
  readonly sets: readonly string[];
}

/** One transaction that makes the table so, whatever it was; elements of sets that stay are kept. */
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

/** Whether a chain's name is one that we give: others in our table belong to somebody else. */
export function isOurChain(name: string): boolean {
  return /^(guard|fence|(on|syn|fence)_[a-z][a-z0-9_]{0,11})$/.test(name);
}

/** Jumped to before they are made is no chain at all, so those that are jumped to come first. */
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
