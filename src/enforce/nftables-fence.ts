// The fence as nft text: strict limits per source and listener that the kernel enforces alone, at the SYN.
//
// `connectionsPerSource` is `ct count over N` in a dynamic set. It is exact, but it knows no connection older than
// itself, needs connection tracking, and counts forged SYNs. Its sets take no timeout: an element goes with its last
// connection. `newPerSource` is `limit rate over`, a bucket of `count` that fills again in `perMs`. A set's name has
// its limit in it, so that another limit begins with a set of its own. docs/enforcement.md says what that means for the
// people who turn it on.

import { formatNetwork, networkFamily, prefixLengthOf } from "../model/index.ts";
import type { ListenerRules, RulesetSpec } from "./backend.ts";
import { type Chain, maskedSource, portRules, prerouting, refusalVerdict, SYN } from "./nftables-words.ts";
import { isStrict, perDay, type Rate, type Strict } from "./rule-parts.ts";
import { scopeOf } from "./scope.ts";

/** How many sources one limit of one listener remembers. Further ones are let in. */
const FENCED_SOURCES_MAX = 65_536;

/** After connection tracking (-200) and before address translation (-100). */
const MANGLE = -150;

export interface FenceSet {
  readonly name: string;
  readonly family: 4 | 6;
  /** Null if elements go by themselves. */
  readonly timeoutMs: number | null;
}

export function isFenceSetName(name: string): boolean {
  return /^(conn|new)[46]_\d+(_\d+)?_[a-z][a-z0-9_]{0,11}$/.test(name);
}

/** The limits of all listeners, as sets. There are none while the fence is down. */
export function fenceSets(spec: RulesetSpec): FenceSet[] {
  if (!spec.fence) return [];
  const sets = fenced(spec).flatMap(({ name, strict }) => {
    const scope = scopeOf(name);
    return ([4, 6] as const).flatMap((family) => [
      ...[...countLimits(spec, strict, family)].map((limit) => countSet(family, limit, scope)),
      ...(strict.newPerSource === null ? [] : [rateSet(family, strict.newPerSource, scope)]),
    ]);
  });
  return [...new Map(sets.map((set) => [set.name, set])).values()];
}

export function fenceSetCommand(table: string, { name, family, timeoutMs }: FenceSet): string {
  const type = family === 4 ? "ipv4_addr" : "ipv6_addr";
  const end = timeoutMs === null ? "flags dynamic;" : `flags dynamic,timeout; timeout ${timeoutMs}ms;`;
  return `add set ${table} ${name} { type ${type}; size ${FENCED_SOURCES_MAX}; ${end} }`;
}

export function fenceChains(spec: RulesetSpec, sets: readonly FenceSet[]): Chain[] {
  if (sets.length === 0) return [];
  const listeners = fenced(spec);
  return [
    ...listeners.map((listener) => ({
      name: `fence_${scopeOf(listener.name)}`,
      hook: null,
      rules: listenerRules(spec, listener),
    })),
    {
      name: "fence",
      hook: prerouting(MANGLE),
      // Every listener has a rule, so that a port on one address is not taken for the same port on all.
      rules: portRules(spec.listeners, ({ name, strict }) =>
        isStrict(strict) ? `${SYN} goto fence_${scopeOf(name)}` : "return",
      ),
    },
  ];
}

function fenced({ listeners }: RulesetSpec): (ListenerRules & { readonly strict: Strict })[] {
  return listeners.filter((listener): listener is ListenerRules & { readonly strict: Strict } =>
    isStrict(listener.strict),
  );
}

/** The limits on connections that sources may have: the listener's own, and those of the allowlist. */
function countLimits(spec: RulesetSpec, strict: Strict, family: 4 | 6): Set<number> {
  const allowed = spec.allow.filter(({ network }) => networkFamily(network) === family);
  const limits = [strict.connectionsPerSource, ...allowed.map((entry) => entry.connectionsPerSource)];
  return new Set(limits.filter((limit) => limit !== null));
}

function countSet(family: 4 | 6, limit: number, scope: string): FenceSet {
  return { name: `conn${family}_${limit}_${scope}`, family, timeoutMs: null };
}

function rateSet(family: 4 | 6, { count, perMs }: Rate, scope: string): FenceSet {
  return { name: `new${family}_${count}_${perMs}_${scope}`, family, timeoutMs: perMs };
}

function listenerRules(spec: RulesetSpec, { name, strict }: ListenerRules & { strict: Strict }): string[] {
  const scope = scopeOf(name);
  return ([4, 6] as const).flatMap((family) => {
    const { newPerSource: rate, connectionsPerSource: limit } = strict;
    return [
      ...allowRules(spec, family, scope),
      ...(rate === null ? [] : [rateRule(spec, family, rate, scope)]),
      ...(limit === null ? [] : [countRule(spec, family, limit, scope)]),
    ];
  });
}

/**
 * Allow rules, the longest prefix first, so that a network inside another has the last word. An entry replaces both
 * strict limits.
 */
function allowRules(spec: RulesetSpec, family: 4 | 6, scope: string): string[] {
  return allowGroups(spec, family).flatMap(({ length, limit, networks }) => {
    const all = family === 4 ? "meta nfproto ipv4" : "meta nfproto ipv6";
    const match = length === 0 ? all : `${maskedSource(family, length)} { ${networks.join(", ")} }`;
    const counted = limit === null ? [] : [`${match} ${countRule(spec, family, limit, scope)}`];
    return [...counted, `${match} return`];
  });
}

interface AllowGroup {
  readonly length: number;
  readonly limit: number | null;
  readonly networks: string[];
}

/** Groups entries of one length and limit, since they are one lookup. */
function allowGroups({ allow }: RulesetSpec, family: 4 | 6): AllowGroup[] {
  const groups = new Map<string, AllowGroup>();
  const seen = new Set<string>();
  for (const { network, connectionsPerSource: limit } of allow) {
    const text = formatNetwork(network);
    if (networkFamily(network) !== family || seen.has(text)) continue;
    seen.add(text);
    const length = prefixLengthOf(network);
    const group = groups.get(`${length} ${limit}`) ?? { length, limit, networks: [] };
    groups.set(`${length} ${limit}`, group);
    group.networks.push(text.replace(/\/.*/, ""));
  }
  return [...groups.values()].sort((a, b) => b.length - a.length);
}

function countRule(spec: RulesetSpec, family: 4 | 6, limit: number, scope: string): string {
  const { name } = countSet(family, limit, scope);
  return `add @${name} { ${fencedSource(spec, family)} ct count over ${limit} } ${refusalVerdict(spec.action)}`;
}

function rateRule(spec: RulesetSpec, family: 4 | 6, rate: Rate, scope: string): string {
  const limit = `limit rate over ${perDay(rate)}/day burst ${rate.count} packets`;
  const { name } = rateSet(family, rate, scope);
  return `update @${name} { ${fencedSource(spec, family)} ${limit} } ${refusalVerdict(spec.action)}`;
}

function fencedSource({ prefixes }: RulesetSpec, family: 4 | 6): string {
  return maskedSource(family, family === 4 ? prefixes.ipv4 : prefixes.ipv6);
}
