// Maps bans to kernel sets, and the elements of sets back to bans.
//
// There is one hash set for each kind, family, prefix length and scope: `ban4_32_all`, `cap6_64_sip`. A rule masks the
// packet's address to the length and looks it up. So an element is found, added and removed in constant time, and
// networks may lie inside each other (docs/decisions/0010-bans-in-hash-sets.md).

import {
  type BanKey,
  type BanKind,
  ipv4Bits,
  maskBits,
  type Network,
  networkFamily,
  prefixLengthOf,
  type SourcePrefixes,
} from "../model/index.ts";
import { scopeOf } from "./scope.ts";

export interface BanSetId {
  readonly kind: BanKind;
  readonly family: 4 | 6;
  /** Prefix length, of the family's own 32 or 128 bits. */
  readonly length: number;
  readonly scope: string;
}

export const BAN_KINDS: readonly BanKind[] = ["ban", "cap"];

/** Prefix lengths of networks that contain many sources. */
const NETWORK_LENGTHS = { 4: [24], 6: [56, 48] } as const;

export function banSetName({ kind, family, length, scope }: BanSetId): string {
  return `${kind}${family}_${length}_${scope}`;
}

/** Reads a set's name; null for a name that is not ours. */
export function parseBanSetName(name: string): BanSetId | null {
  const match = /^(ban|cap)([46])_(\d{1,3})_([a-z][a-z0-9_]{0,11})$/.exec(name);
  if (match === null) return null;
  const [, kind, family, length, scope] = match;
  const set: BanSetId = {
    kind: kind as BanKind,
    family: family === "4" ? 4 : 6,
    length: Number(length),
    scope: scope!,
  };
  return set.length <= familyBits(set.family) ? set : null;
}

export function familyBits(family: 4 | 6): number {
  return family === 4 ? 32 : 128;
}

export function banSetOf({ source, listener, kind }: BanKey): BanSetId {
  return { kind, family: networkFamily(source), length: prefixLengthOf(source), scope: scopeOf(listener) };
}

/** The sets that stand from the start. A network of another length gets its set with its first ban. */
export function standingSets(prefixes: SourcePrefixes, scopes: Iterable<string>): BanSetId[] {
  const lengths = {
    4: new Set([prefixes.ipv4, ...NETWORK_LENGTHS[4]]),
    6: new Set([prefixes.ipv6, ...NETWORK_LENGTHS[6]]),
  };
  return [...scopes].flatMap((scope) =>
    BAN_KINDS.flatMap((kind) =>
      ([4, 6] as const).flatMap((family) =>
        [...lengths[family]].map((length) => ({ kind, family, length, scope })),
      ),
    ),
  );
}

/** An element's bytes: the masked address, 4 or 16 bytes. */
export function elementKey(source: Network): Uint8Array {
  const masked = maskBits(source.address, source.bits);
  return networkFamily(source) === 4 ? masked.subarray(12) : masked;
}

/** The network that an element of `length` bits stands for. */
export function elementNetwork(key: Uint8Array, length: number): Network {
  if (key.length === 16) return { address: key, bits: length };
  const address = new Uint8Array(16);
  address.fill(0xff, 10, 12);
  address.set(key, 12);
  return { address, bits: ipv4Bits(length) };
}

/** The longest timeout, for all backends: ipset's limit of 24 days. Longer bans are renewed by reconcile. */
export const TIMEOUT_MAX_MS = 2_147_000_000;

/** The timeout that the kernel is to hold for a ban; 0 or less if the ban is over. */
export function timeoutMs(until: number, nowMs: number): number {
  return Math.min(Math.ceil(until - nowMs), TIMEOUT_MAX_MS);
}
