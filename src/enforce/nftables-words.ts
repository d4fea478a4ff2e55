// Parts of nft commands that the ban rules and the fence share. Pure: the text is made of numbers and formatted
// addresses alone.

import { formatNetwork, type Network, networkFamily } from "../model/index.ts";
import type { ListenerRules, RulesetSpec } from "./backend.ts";
import { familyBits } from "./ban-set.ts";
import { portText } from "./rule-parts.ts";

/** SYN without ACK, FIN or RST: the first packet of a connection. */
export const SYN = "tcp flags & (fin | syn | rst | ack) == syn";

export interface Chain {
  readonly name: string;
  /** Null for a chain that others jump to. */
  readonly hook: string | null;
  readonly rules: readonly string[];
}

/** The hook of a chain for incoming packets, before routing. */
export function prerouting(priority: number): string {
  return `type filter hook prerouting priority ${priority}; policy accept;`;
}

/**
 * One rule for each listener, with `verdict` at its end. Listeners with an address of their own come before those on
 * any.
 */
export function portRules<T extends ListenerRules>(
  listeners: readonly T[],
  verdict: (listener: T) => string,
): string[] {
  const byAddress = [...listeners].sort((a, b) => (b.address?.bits ?? -1) - (a.address?.bits ?? -1));
  return byAddress.map((listener) => {
    const ports = `tcp dport { ${listener.ports.map(portText).join(", ")} }`;
    return `${ports} ${destination(listener.address)} ${verdict(listener)}`;
  });
}

/**
 * A listener without an address has all of the host's own. Packets that the host only forwards are none of its
 * listeners'.
 */
function destination(address: Network | null): string {
  return address === null
    ? "fib daddr type local"
    : `${ip(networkFamily(address))} daddr ${formatNetwork(address)}`;
}

/** The verdict of a refusal. A reset from prerouting needs Linux 5.9 (nft_reject, f53b9b0bdc59). */
export function refusalVerdict(action: RulesetSpec["action"]): string {
  return action === "reject" ? "reject with tcp reset" : "drop";
}

/** The packet's source address with all bits behind `length` set to zero. */
export function maskedSource(family: 4 | 6, length: number): string {
  const bits = familyBits(family);
  return length === bits ? `${ip(family)} saddr` : `${ip(family)} saddr & ${mask(family, length)}`;
}

function ip(family: 4 | 6): "ip" | "ip6" {
  return family === 4 ? "ip" : "ip6";
}

function mask(family: 4 | 6, length: number): string {
  const bit = (i: number): number => (i < length ? 1 : 0);
  const part = (from: number, bits: number): number =>
    Array.from({ length: bits }, (_, i) => bit(from + i)).reduce((value, one) => 2 * value + one, 0);
  return family === 4
    ? Array.from({ length: 4 }, (_, i) => part(8 * i, 8)).join(".")
    : Array.from({ length: 8 }, (_, i) => part(16 * i, 16).toString(16)).join(":");
}
