// Addresses that a firewall rule drops or rejects by a set: nftables sets and ipsets, whoever filled them. It reads the
// whole ruleset, once; only root may.

import { runProgram } from "../../linux/index.ts";

export type BanFacts =
  | { readonly kind: "read"; readonly sets: readonly FirewallSet[] }
  | { readonly kind: "unknown"; readonly reason: string };

export interface FirewallSet {
  /** `nftables inet filter/blocked`, `ipset blacklist`. */
  readonly name: string;
  /** Addresses and CIDR networks as text. */
  readonly members: readonly string[];
}

/** Runs a program; null where there is none. A parameter, so that tests give its words. */
export type RunProgram = typeof runProgram;

export function readBanFacts(run: RunProgram = runProgram): BanFacts {
  const nft = run(["nft", "-j", "list", "ruleset"]);
  const saved = [run(["iptables-save"]), run(["ip6tables-save"])];
  if (nft === null && saved.every((output) => output === null)) {
    return { kind: "unknown", reason: "there is no nft and no iptables-save program" };
  }
  const refused = [nft, ...saved].find((output) => output !== null && output.code !== 0);
  if (refused) return { kind: "unknown", reason: refused.stderr.split("\n")[0] ?? "refused" };
  const names = new Set(saved.flatMap((output) => droppedSets(output?.stdout ?? "")));
  const ipsets = [...names].map((name) => ({
    name: `ipset ${name}`,
    members: parseIpsetMembers(run(["ipset", "save", name])?.stdout ?? ""),
  }));
  return { kind: "read", sets: [...parseNftSets(nft?.stdout ?? ""), ...ipsets] };
}

/** Sets that a rule of iptables-save drops or rejects sources by. */
export function droppedSets(saved: string): string[] {
  return saved
    .split("\n")
    .filter((line) => /^-A .* -j (DROP|REJECT)\b/.test(line))
    .flatMap((line) => [...line.matchAll(/(?<!! )--match-set (\S+) src/g)].map((match) => match[1]!));
}

/** `add NAME ADDRESS[/BITS] ...` lines of `ipset save`. */
export function parseIpsetMembers(saved: string): string[] {
  return [...saved.matchAll(/^add \S+ ([0-9a-fA-F.:]+(?:\/\d+)?)/gm)].map((match) => match[1]!);
}

interface NftObject {
  readonly rule?: { readonly family: string; readonly table: string; readonly expr: readonly object[] };
  readonly set?: {
    readonly family: string;
    readonly table: string;
    readonly name: string;
    readonly elem?: readonly unknown[];
  };
}

/** The sets of `nft -j list ruleset` that a rule drops or rejects sources by. */
export function parseNftSets(json: string): FirewallSet[] {
  if (json.trim() === "") return [];
  const { nftables: objects } = JSON.parse(json) as { readonly nftables: readonly NftObject[] };
  const dropped = new Set(
    objects.flatMap(({ rule }) => {
      if (rule === undefined || !rule.expr.some((part) => "drop" in part || "reject" in part)) return [];
      const matched = [...JSON.stringify(rule.expr).matchAll(/"field":"saddr"[^@]*?"right":"@([^"]+)"/g)];
      return matched.map((match) => `${rule.family} ${rule.table}/${match[1]}`);
    }),
  );
  return objects.flatMap(({ set }) => {
    const name = set === undefined ? "" : `${set.family} ${set.table}/${set.name}`;
    return dropped.has(name)
      ? [{ name: `nftables ${name}`, members: (set!.elem ?? []).flatMap(memberText) }]
      : [];
  });
}

/** An address, `{prefix: {addr, len}}`, or either wrapped with its timeout as `{elem: {val}}`. */
function memberText(element: unknown): string[] {
  if (typeof element === "string") return [element];
  if (typeof element !== "object" || element === null) return [];
  const { elem, prefix } = element as {
    readonly elem?: { readonly val: unknown };
    readonly prefix?: { readonly addr: string; readonly len: number };
  };
  if (elem !== undefined) return memberText(elem.val);
  return prefix === undefined ? [] : [`${prefix.addr}/${prefix.len}`];
}
