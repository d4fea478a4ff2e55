// The rules of the ipset backend, as text for iptables-restore. Pure: the text is made of numbers, formatted addresses
// and scopes alone.
//
//   raw, PREROUTING -> SOCKWARDEN        where packets are dropped: before connection tracking
//   filter, INPUT -> SOCKWARDEN          where they are answered with a reset (REJECT works only there), and the fence
//     SOCKWARDEN          per listener   --dports PORTS [-d address] -g sw-on-SCOPE
//       sw-on-SCOPE       bans, then SYNs go to sw-syn-SCOPE
//         sw-syn-SCOPE    caps, then the fence's limits
//
// Each table has one jump of ours; everything else is in chains of our own. A set of networks holds every prefix
// length, so there is one for each kind, family and scope: `sw-ban4-all`.

import { formatNetwork, networkFamily } from "../model/index.ts";
import type { ListenerRules, RulesetSpec } from "./backend.ts";
import { BAN_KINDS, type BanSetId } from "./ban-set.ts";
import { isStrict, perDay, portText, type Rate, type Strict } from "./rule-parts.ts";
import { ALL_SCOPE, scopeOf } from "./scope.ts";

export type TableName = "raw" | "filter";

export const TABLES: readonly TableName[] = ["raw", "filter"];

export const MAIN_CHAIN = "SOCKWARDEN";

/** The kernel's chain that holds our jump. */
export const HOOK: Readonly<Record<TableName, string>> = { raw: "PREROUTING", filter: "INPUT" };

export function ipsetName({ kind, family, scope }: Pick<BanSetId, "kind" | "family" | "scope">): string {
  return `sw-${kind}${family}-${scope}`;
}

/** Reads a set's name; null for a set that is not ours. */
export function parseIpsetName(name: string): Pick<BanSetId, "kind" | "family" | "scope"> | null {
  const match = /^sw-(ban|cap)([46])-([a-z][a-z0-9_]{0,11})$/.exec(name);
  if (match === null) return null;
  return { kind: match[1] as BanSetId["kind"], family: match[2] === "4" ? 4 : 6, scope: match[3]! };
}

export function ipsetsOf(scopes: Iterable<string>): Pick<BanSetId, "kind" | "family" | "scope">[] {
  return [...scopes].flatMap((scope) =>
    BAN_KINDS.flatMap((kind) => ([4, 6] as const).map((family) => ({ kind, family, scope }))),
  );
}

/** Our part of `iptables-save -t TABLE`. */
export interface StandingRules {
  readonly jumps: boolean;
  readonly chains: readonly string[];
}

export function readStandingRules(table: TableName, saved: string): StandingRules {
  const lines = saved.split("\n");
  const chains = lines.flatMap((line) => /^:(SOCKWARDEN|sw-\S+) /.exec(line)?.[1] ?? []);
  return { jumps: lines.includes(jump(table)), chains };
}

function jump(table: TableName): string {
  return `-A ${HOOK[table]} -j ${MAIN_CHAIN}`;
}

/**
 * One transaction (a table's COMMIT) that makes our chains as wanted, whatever they were. Null if there is nothing to
 * do.
 */
export function restoreText(
  spec: RulesetSpec | null,
  table: TableName,
  family: 4 | 6,
  standing: StandingRules,
): string | null {
  const chains = spec === null ? new Map<string, string[]>() : chainsOf(spec, table, family);
  if (chains.size === 0 && standing.chains.length === 0 && !standing.jumps) return null;
  const gone = standing.chains.filter((name) => !chains.has(name));
  return [
    `*${table}`,
    ...[...chains.keys(), ...gone].map((name) => `:${name} - [0:0]`),
    ...(chains.size > 0 && !standing.jumps ? [`-I ${HOOK[table]} 1 -j ${MAIN_CHAIN}`] : []),
    ...(chains.size === 0 && standing.jumps ? [`-D ${HOOK[table]} -j ${MAIN_CHAIN}`] : []),
    ...[...chains].flatMap(([name, rules]) => rules.map((rule) => `-A ${name} -p tcp ${rule}`)),
    ...gone.map((name) => `-X ${name}`),
    "COMMIT",
    "",
  ].join("\n");
}

/** Whether a table needs anything of ours. */
export function isNeeded(spec: RulesetSpec, table: TableName, family: 4 | 6): boolean {
  return chainsOf(spec, table, family).size > 0;
}

/** Rules by chain; none if the table needs none. */
function chainsOf(spec: RulesetSpec, table: TableName, family: 4 | 6): Map<string, string[]> {
  const bans = (spec.action === "drop") === (table === "raw");
  const fence = table === "filter" && spec.fence;
  const listeners = spec.listeners.filter(
    ({ address }) => address === null || networkFamily(address) === family,
  );
  const chains = new Map<string, string[]>();
  if (!bans && !(fence && listeners.some(({ strict }) => isStrict(strict)))) return chains;
  const byAddress = [...listeners].sort((a, b) => (b.address?.bits ?? -1) - (a.address?.bits ?? -1));
  chains.set(MAIN_CHAIN, byAddress.flatMap(portMatches));
  for (const { name, strict } of listeners) {
    const scope = scopeOf(name);
    const limits = fence && isStrict(strict) ? fenceRules(spec, strict, family, scope) : [];
    const lookups = (kind: BanSetId["kind"]): string[] =>
      bans ? [ALL_SCOPE, scope].map((of) => lookup({ kind, family, scope: of }, spec)) : [];
    chains.set(`sw-on-${scope}`, [...lookups("ban"), `--syn -g sw-syn-${scope}`]);
    chains.set(`sw-syn-${scope}`, [...lookups("cap"), ...limits]);
  }
  return chains;
}

/** multiport takes at most 15 ports. */
const PORTS_MAX = 15;

function portMatches({ name, ports, address }: ListenerRules): string[] {
  // A listener without an address has all of the host's own. Packets that the host only forwards are none of its
  // listeners'.
  const where = address === null ? "-m addrtype --dst-type LOCAL" : `-d ${formatNetwork(address)}`;
  return Array.from({ length: Math.ceil(ports.length / PORTS_MAX) }, (_, i) => {
    const some = ports.slice(i * PORTS_MAX, (i + 1) * PORTS_MAX).map(portText);
    return `-m multiport --dports ${some.join(",")} ${where} -g sw-on-${scopeOf(name)}`;
  });
}

function lookup(set: Pick<BanSetId, "kind" | "family" | "scope">, spec: RulesetSpec): string {
  return `-m set --match-set ${ipsetName(set)} src ${refusalTarget(spec)}`;
}

function refusalTarget({ action }: RulesetSpec): string {
  return action === "reject" ? "-j REJECT --reject-with tcp-reset" : "-j DROP";
}

/** The fence's rules: allow entries first, the longest prefix before the others, then the limits. */
function fenceRules(spec: RulesetSpec, strict: Strict, family: 4 | 6, scope: string): string[] {
  const prefix = family === 4 ? spec.prefixes.ipv4 : spec.prefixes.ipv6;
  const above = (limit: number): string =>
    `-m connlimit --connlimit-above ${limit} --connlimit-mask ${prefix} --connlimit-saddr ${refusalTarget(spec)}`;
  const allowed = spec.allow
    .filter(({ network }) => networkFamily(network) === family)
    .sort((a, b) => b.network.bits - a.network.bits)
    .flatMap(({ network, connectionsPerSource: limit }) => {
      const from = `-s ${formatNetwork(network)}`;
      return [...(limit === null ? [] : [`${from} ${above(limit)}`]), `${from} -j RETURN`];
    });
  const { newPerSource: rate, connectionsPerSource: limit } = strict;
  return [
    ...allowed,
    ...(rate === null ? [] : [`${rateMatch(rate, prefix, `sw${family}-${scope}`)} ${refusalTarget(spec)}`]),
    ...(limit === null ? [] : [above(limit)]),
  ];
}

/** A bucket of `count` that fills again in `perMs`. A source that was quiet for that time is forgotten. */
function rateMatch(rate: Rate, prefix: number, name: string): string {
  return [
    `-m hashlimit --hashlimit-above ${perDay(rate)}/day --hashlimit-burst ${rate.count} --hashlimit-mode srcip`,
    `--hashlimit-srcmask ${prefix} --hashlimit-htable-expire ${rate.perMs} --hashlimit-name ${name}`,
  ].join(" ");
}
