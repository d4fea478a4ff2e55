// Filters sources and listeners. It compares addresses as words. Only a filter that is neither an address nor a prefix,
// but could be part of one, makes a text of every source. Pure.

import { type CensusGrowth, sourceText } from "../../census/index.ts";
import {
  ADDRESS_BYTES,
  maskAddress,
  maskBits,
  type Network,
  parseAddress,
  parseNetwork,
} from "../../model/index.ts";

export interface Filtered {
  /** By row of the sources: 1 where the filter leaves a source. */
  readonly sources: Uint8Array;
  /** Indexes of the listeners whose name matches. */
  readonly listeners: readonly number[];
}

/**
 * The filter is a network (`10.0.0.0/8`), an address, the beginning of one that ends with a separator (`185.104.`,
 * `2001:db8:`), or any part of a source's or listener's name, in any case.
 */
export function filterSources(growth: CensusGrowth, filter: string): Filtered {
  const text = filter.toLowerCase();
  const names = growth.census.listeners.map(({ name }) => name.toLowerCase().includes(text));
  const sources = new Uint8Array(growth.sources.length);
  matchListeners(growth, names, sources);
  const network = networkOfFilter(growth, text);
  if (network !== null) matchNetwork(growth, network, sources);
  else if (/^[0-9a-f:./]+$/.test(text)) matchText(growth, text, sources);
  return { sources, listeners: names.flatMap((matches, i) => (matches ? [i] : [])) };
}

function networkOfFilter({ census }: CensusGrowth, text: string): Network | null {
  const address = parseAddress(text);
  if (address !== null) return { address: maskAddress(address, census.prefixes), bits: 8 * ADDRESS_BYTES };
  if (/^(\d{1,3}\.){1,3}$/.test(text)) {
    const octets = text.split(".").slice(0, -1);
    return parseNetwork(`${[...octets, "0", "0", "0"].slice(0, 4).join(".")}/${8 * octets.length}`);
  }
  if (/^([0-9a-f]{1,4}:){1,7}$/.test(text)) {
    const groups = text.split(":").length - 1;
    return parseNetwork(`${groups === 7 ? `${text}0` : `${text}:`}/${16 * groups}`);
  }
  return text.includes("/") ? parseNetwork(text) : null;
}

/** Sources that hold a connection of a matching listener. */
function matchListeners(
  { census, sourceOfRow }: CensusGrowth,
  names: readonly boolean[],
  matched: Uint8Array,
): void {
  if (!names.includes(true)) return;
  for (let row = 0; row < sourceOfRow.length; row++) {
    if (names[census.rows.listener[row]!]) matched[sourceOfRow[row]!] = 1;
  }
}

function matchNetwork({ sources }: CensusGrowth, { address, bits }: Network, matched: Uint8Array): void {
  const mask = words(maskBits(new Uint8Array(ADDRESS_BYTES).fill(0xff), bits));
  const wanted = words(address);
  for (let row = 0; row < sources.length; row++) {
    let same = true;
    for (let i = 0; i < 4 && same; i++) same = ((sources.source[4 * row + i]! ^ wanted[i]!) & mask[i]!) === 0;
    if (same) matched[row] = 1;
  }
}

function matchText({ census, sources }: CensusGrowth, text: string, matched: Uint8Array): void {
  for (let row = 0; row < sources.length; row++) {
    if (matched[row] === 0 && sourceText(census, sources, row).includes(text)) matched[row] = 1;
  }
}

function words(address: Uint8Array): Uint32Array {
  return new Uint32Array(address.slice().buffer);
}
