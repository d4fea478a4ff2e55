// The outside judge of bans: reads from nft's own listing of the program's table whom the kernel refuses. It knows the
// sets by the beginnings of their names, "ban" or "cap".

/** The command `nft --json list table inet sockwarden`, for spawn or Namespace.run. */
export const LIST_TABLE: readonly string[] = ["nft", "--json", "list", "table", "inet", "sockwarden"];

export interface RefusedAddresses {
  readonly bans: readonly string[];
  readonly caps: readonly string[];
}

/** The refused addresses and networks as nft writes them; a network is ADDRESS/LENGTH. */
export function parseRefused(json: string): RefusedAddresses {
  const { nftables } = JSON.parse(json) as { readonly nftables: readonly { readonly set?: NftSet }[] };
  const elements = (name: RegExp) =>
    nftables
      .flatMap(({ set }) => (set !== undefined && name.test(set.name) ? (set.elem ?? []) : []))
      .map(addressOf);
  return { bans: elements(/^ban/), caps: elements(/^cap/) };
}

interface NftSet {
  readonly name: string;
  readonly elem?: readonly unknown[];
}

/**
 * The address of an element. An element is a value, or an object with the value and its timeout or counter. A key may
 * have several parts.
 */
function addressOf(element: unknown): string {
  if (typeof element === "string" || typeof element === "number") return String(element);
  const { elem, prefix, concat, val } = element as {
    readonly elem?: { readonly val: unknown };
    readonly val?: unknown;
    readonly prefix?: { readonly addr: string; readonly len: number };
    readonly concat?: readonly unknown[];
  };
  if (elem !== undefined) return addressOf(elem.val);
  if (prefix !== undefined) return `${prefix.addr}/${prefix.len}`;
  if (concat !== undefined) return addressOf(concat.find(isAddress) ?? concat[0]);
  return val === undefined ? JSON.stringify(element) : addressOf(val);
}

function isAddress(part: unknown): boolean {
  return typeof part === "string" && /[.:]/.test(part);
}
