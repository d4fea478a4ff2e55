// What the kernel refuses, read from nft's own listing of the program's table: the outside judge of bans. It knows the
// sets by how their names begin: with "ban" or "cap".

/** `nft --json list table inet sockwarden`, for spawn or Namespace.run. */
export const LIST_TABLE: readonly string[] = ["nft", "--json", "list", "table", "inet", "sockwarden"];

export interface RefusedAddresses {
  readonly bans: readonly string[];
  readonly caps: readonly string[];
}

/** Addresses and networks, as nft writes them; a network as ADDRESS/LENGTH. */
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

/** An element is a value, or an object that says its timeout or counter beside the value; a key may have several parts. */
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
