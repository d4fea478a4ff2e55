// Finds the standing bans that cover a source: its own, or one of a network around it. Operators ban networks of any
// width. The index is asked for every source of a scan. So it looks up a hash of the masked address first, and makes a
// ban's key only if that hash is there.

import { type Ban, type BanKind, banKeyText, maskBits, type Network } from "../model/index.ts";

export class BanIndex {
  readonly bans: Map<string, Ban>;
  /** Hashes of the banned networks, by their width. */
  readonly #hashes = new Map<number, Set<number>>();

  /** Indexes the bans that are not over. */
  constructor(bans: ReadonlyMap<string, Ban>, now: number) {
    this.bans = new Map();
    for (const [key, ban] of bans) if (ban.until > now) this.#enter(key, ban);
  }

  add(ban: Ban): void {
    this.#enter(banKeyText(ban), ban);
  }

  /** Whether a ban of one of these kinds covers the source, on this listener or on all. */
  covers(source: Network, listener: string, kinds: readonly BanKind[]): boolean {
    for (const [bits, hashes] of this.#hashes) {
      if (bits > source.bits || !hashes.has(hash(source.address, bits))) continue;
      const around = bits === source.bits ? source : { address: maskBits(source.address, bits), bits };
      for (const kind of kinds) {
        if (this.bans.has(banKeyText({ source: around, listener, kind }))) return true;
        if (this.bans.has(banKeyText({ source: around, listener: null, kind }))) return true;
      }
    }
    return false;
  }

  #enter(key: string, ban: Ban): void {
    this.bans.set(key, ban);
    const { address, bits } = ban.source;
    let hashes = this.#hashes.get(bits);
    if (hashes === undefined) {
      hashes = new Set();
      this.#hashes.set(bits, hashes);
    }
    hashes.add(hash(address, bits));
  }
}

/** A hash of the first `bits` of an address. A collision that an attacker provokes costs a second lookup, no more. */
function hash(address: Uint8Array, bits: number): number {
  let h = 0;
  const whole = bits >> 3;
  for (let i = 0; i < whole; i++) h = Math.imul(h ^ address[i]!, 0x01000193);
  const rest = bits & 7;
  if (rest > 0) h = Math.imul(h ^ (address[whole]! & (0xff00 >> rest)), 0x01000193);
  return h;
}
