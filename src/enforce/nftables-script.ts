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

import { formatNetwork, type Network, networkFamily } from "../model/index.ts";
import type { GuardedListener, RulesetSpec } from "./backend.ts";
import { type BanSet, banSetName, familyBits } from "./ban-set.ts";
import { type FenceSet, fenceChains, fenceSetCommand } from "./nftables-fence.ts";
import { ALL_SCOPE, scopeOf } from "./scope.ts";

export const TABLE = "sockwarden";
const T = `inet ${TABLE}`;

/** Drop before connection tracking looks at the packet. */
const RAW = -300;

/** SYN without ACK, FIN or RST: the first packet of a connection. */
export const SYN = "tcp flags & (fin | syn | rst | ack) == syn";

/** What the table should hold. */
export interface Ruleset {
  readonly spec: RulesetSpec;
  readonly sets: readonly BanSet[];
  readonly fence: readonly FenceSet[];
  /** False: the sets alone. */
  readonly rules: boolean;
}

/** What it holds of ours. */
export interface Standing {
  readonly chains: readonly string[];
  readonly sets: readonly string[];
}

/** One transaction that makes the table so, whatever it was; elements of sets that stay are kept. */
export function rulesetCommands(ruleset: Ruleset, standing: Standing): string[] {
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

function setName(set: BanSet | FenceSet): string {
  return "name" in set ? set.name : banSetName(set);
}

export interface Chain {
  readonly name: string;
  readonly hook: string | null;
  readonly rules: readonly string[];
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
      hook: hook(RAW),
      rules: dispatch(listeners, (listener) => `goto on_${scopeOf(listener.name)}`),
    },
    ...fenceChains(ruleset.spec, ruleset.fence),
  ];
}

/** A chain of the host's own incoming packets, before routing. */
export function hook(priority: number): string {
  return `type filter hook prerouting priority ${priority}; policy accept;`;
}

/** One rule a listener, `verdict` at its end. Those with an address of their own are asked before those for any. */
export function dispatch<T extends GuardedListener>(
  listeners: readonly T[],
  verdict: (listener: T) => string,
): string[] {
  const byAddress = [...listeners].sort((a, b) => (b.address?.bits ?? -1) - (a.address?.bits ?? -1));
  return byAddress.map((listener) => {
    const ports = `tcp dport { ${listener.ports.map(portText).join(", ")} }`;
    return `${ports} ${destination(listener.address)} ${verdict(listener)}`;
  });
}

/** Without an address any of the host's own: what it only forwards is none of its listeners'. */
function destination(address: Network | null): string {
  return address === null
    ? "fib daddr type local"
    : `${ip(networkFamily(address))} daddr ${formatNetwork(address)}`;
}

function portText(port: number): string {
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new RangeError(`${port} is no port`);
  return String(port);
}

function listenerChains({ spec, sets }: Ruleset, listener: GuardedListener): Chain[] {
  const scope = scopeOf(listener.name);
  const lookups = (kind: BanSet["kind"]): string[] =>
    sets
      .filter((set) => set.kind === kind && (set.scope === scope || set.scope === ALL_SCOPE))
      .map((set) => `${maskedSource(set.family, set.length)} @${banSetName(set)} ${refusal(spec.action)}`);
  return [
    { name: `syn_${scope}`, hook: null, rules: lookups("cap") },
    { name: `on_${scope}`, hook: null, rules: [...lookups("ban"), `${SYN} goto syn_${scope}`] },
  ];
}

/** A reset from prerouting takes Linux 5.9 (nft_reject, f53b9b0bdc59). */
export function refusal(action: RulesetSpec["action"]): string {
  return action === "reject" ? "reject with tcp reset" : "drop";
}

export function ip(family: 4 | 6): "ip" | "ip6" {
  return family === 4 ? "ip" : "ip6";
}

/** The packet's source address with all behind `length` bits set to zero. */
export function maskedSource(family: 4 | 6, length: number): string {
  const bits = familyBits(family);
  return length === bits ? `${ip(family)} saddr` : `${ip(family)} saddr & ${mask(family, length)}`;
}

function mask(family: 4 | 6, length: number): string {
  const bit = (i: number): number => (i < length ? 1 : 0);
  const part = (from: number, bits: number): number =>
    Array.from({ length: bits }, (_, i) => bit(from + i)).reduce((value, one) => 2 * value + one, 0);
  return family === 4
    ? Array.from({ length: 4 }, (_, i) => part(8 * i, 8)).join(".")
    : Array.from({ length: 8 }, (_, i) => part(16 * i, 16).toString(16)).join(":");
}

function banSetCommand(set: BanSet): string {
  const type = set.family === 4 ? "ipv4_addr" : "ipv6_addr";
  return `add set ${T} ${banSetName(set)} { type ${type}; flags timeout; counter; }`;
}
