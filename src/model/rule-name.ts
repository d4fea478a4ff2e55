// The names of everything that asks for a ban or an eviction, or tells a finding. People see them; the ledger keeps
// them.

export const RULE_NAMES = [
  // The judge's rules, in the order in which they run.
  "banned",
  "connections-per-source",
  "unproven-per-source",
  "unproven-per-network",
  "overdue",
  "proxied",
  "leaked",
  "rise",
  "over-share",
  "shed",
  "crowd-out",
  "limit-too-low",
  // The judge's findings about its own work.
  "allowlist",
  "postponed",
  // The guard's own findings.
  "rules-restored",
  // A person's order.
  "operator",
  // A rule that another version has, and this one does not.
  "unknown",
] as const;

export type RuleName = (typeof RULE_NAMES)[number];

const KNOWN: ReadonlySet<string> = new Set(RULE_NAMES);

/** The rule of a stored name, which another version may have written; `unknown` if this version has no such rule. */
export function parseRuleName(text: string): RuleName {
  return KNOWN.has(text) ? (text as RuleName) : "unknown";
}
