// Bans, listeners and rulesets for this room's tests.

import { type Ban, type BanKey, formatNetwork, type Network, parseNetwork } from "../../model/index.ts";
import type { ListenerRules, RulesetSpec } from "../backend.ts";

/** Any time will do: a backend knows no other clock. */
export const NOW = 1_000_000_000_000;

export const TERM_MS = 600_000;

export function network(text: string): Network {
  return parseNetwork(text)!;
}

export function fakeBan(source: string, different: Partial<Ban> = {}): Ban {
  const words = { reason: "a test", rule: "operator" } as const;
  const times = { since: NOW, until: NOW + TERM_MS };
  return { source: network(source), listener: null, kind: "ban", ...times, ...words, ...different };
}

export function fakeListener(name: string, different: Partial<ListenerRules> = {}): ListenerRules {
  return { name, ports: [5060], address: null, strict: null, ...different };
}

export function fakeSpec(different: Partial<RulesetSpec> = {}): RulesetSpec {
  return {
    listeners: [fakeListener("sip", { ports: [5060, 5061] })],
    prefixes: { ipv4: 32, ipv6: 64 },
    action: "drop",
    fence: false,
    allow: [],
    ...different,
  };
}

/** A ban as short text to compare: `ban 192.0.2.1 *`. */
export function banText({ kind, source, listener }: BanKey): string {
  return `${kind} ${formatNetwork(source)} ${listener ?? "*"}`;
}
