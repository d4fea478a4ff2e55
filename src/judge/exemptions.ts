// Finds whether a source is on the lists. It does not walk them: a list may have thousands of entries, and a scan tens
// of thousands of sources.

import { type AllowEntry, formatNetwork, maskBits, type Network } from "../model/index.ts";
import type { Exemptions } from "./judge-types.ts";
import { addressKey } from "./keys.ts";

export type Exemption =
  | { readonly kind: "none" }
  /** The source is not judged at all. */
  | { readonly kind: "exempt"; readonly reason: string }
  | { readonly kind: "limited"; readonly entry: AllowEntry; readonly connectionsPerSource: number };

const NOT_EXEMPT: Exemption = { kind: "none" };
const OWN: Exemption = { kind: "exempt", reason: "one of this host's own addresses, its gateway, or yours" };

/** What the lists say of a source. The allow entry with the longest prefix counts. */
export function exemptionOf(exemptions: Exemptions, source: Network): Exemption {
  return new ExemptionIndex(exemptions).of(source);
}

/** Null stands for a protected network. */
type Entry = AllowEntry | null;

export class ExemptionIndex {
  readonly #exemptions: Exemptions;
  /** Entries by prefix length, the longest first, and then by address. */
  readonly #around: readonly (readonly [number, ReadonlyMap<string, Entry>])[];
  /** Entries inside wider sources, by the sources' prefix length and address. */
  readonly #inside = new Map<number, ReadonlyMap<string, Entry>>();

  constructor(exemptions: Exemptions) {
    this.#exemptions = exemptions;
    const around = new Map<number, Map<string, Entry>>();
    for (const [network, entry] of all(exemptions)) {
      const entries = around.get(network.bits) ?? new Map<string, Entry>();
      if (!entries.has(addressKey(network.address))) entries.set(addressKey(network.address), entry);
      around.set(network.bits, entries);
    }
    this.#around = [...around].sort(([a], [b]) => b - a);
  }

  /** A source that contains a narrower entry is treated as that entry says. */
  of(source: Network): Exemption {
    if (this.#around.length === 0) return NOT_EXEMPT;
    let best = this.#insideOf(source.bits).get(addressKey(source.address));
    if (best === null) return OWN;
    for (const [bits, entries] of this.#around) {
      if (bits > source.bits) continue;
      const entry = entries.get(
        addressKey(bits === source.bits ? source.address : maskBits(source.address, bits)),
      );
      if (entry === null) return OWN;
      best ??= entry;
    }
    return best === undefined ? NOT_EXEMPT : exemptionBy(best);
  }

  #insideOf(bits: number): ReadonlyMap<string, Entry> {
    let inside = this.#inside.get(bits);
    if (inside === undefined) {
      inside = this.#narrowerThan(bits);
      this.#inside.set(bits, inside);
    }
    return inside;
  }

  #narrowerThan(bits: number): ReadonlyMap<string, Entry> {
    const inside = new Map<string, Entry>();
    for (const [network, entry] of all(this.#exemptions)) {
      if (network.bits <= bits) continue;
      const key = addressKey(maskBits(network.address, bits));
      const other = inside.get(key);
      const better =
        other === undefined || entry === null || (other !== null && network.bits > other.network.bits);
      if (better) inside.set(key, entry);
    }
    return inside;
  }
}

function* all({ allow, protected: own }: Exemptions): Iterable<readonly [Network, Entry]> {
  for (const network of own) yield [network, null];
  for (const entry of allow) yield [entry.network, entry];
}

function exemptionBy(entry: AllowEntry): Exemption {
  const { connectionsPerSource, reason, network } = entry;
  if (connectionsPerSource !== null) return { kind: "limited", entry, connectionsPerSource };
  return { kind: "exempt", reason: reason ?? `allowlisted by ${formatNetwork(network)}` };
}
