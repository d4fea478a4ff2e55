// IP addresses as 128 bits in network byte order. IPv4 is kept in its v4-mapped form (::ffff:a.b.c.d), so one address
// has one representation however it reached a dual-stack socket.

/** Sixteen bytes in network order. */
export type Address = Uint8Array;

/** Version of the Internet Protocol. */
export type IpFamily = 4 | 6;

export const ADDRESS_BYTES = 16;
export const ADDRESS_BITS: number = 8 * ADDRESS_BYTES;

/**
 * Parses an IPv4 address in dotted decimal or an IPv6 address (RFC 4291, section 2.2), without zone or prefix length.
 * Octets with leading zeros are refused, since programs disagree whether they are octal. Returns null for anything else.
 */
export function parseAddress(text: string): Address | null {
  return text.includes(":") ? parseIpv6(text) : parseIpv4(text);
}

/** Formats as RFC 5952 says: IPv4 bare, IPv6 in lower case with the longest run of zero groups shortened. */
export function formatAddress(address: Address): string {
  if (isIpv4(address)) return `${address[12]}.${address[13]}.${address[14]}.${address[15]}`;
  const groups = Array.from({ length: 8 }, (_, i) =>
    ((address[2 * i]! << 8) | address[2 * i + 1]!).toString(16),
  );
  const { start, length } = longestZeroRun(groups);
  if (length < 2) return groups.join(":");
  return `${groups.slice(0, start).join(":")}::${groups.slice(start + length).join(":")}`;
}

/** Whether the 128 bits are a v4-mapped address (::ffff:0:0/96). */
export function isIpv4(address: Address): boolean {
  for (let i = 0; i < 10; i++) if (address[i] !== 0) return false;
  return address[10] === 0xff && address[11] === 0xff;
}

/** The third word of a v4-mapped address, in network order as a little-endian host reads it. */
export const MAPPED_WORD = 0xffff0000;

/** The same test on an address in a column: its four words lie at `at`, in network order. */
export function isIpv4Words(words: Uint32Array, at: number): boolean {
  return words[at] === 0 && words[at + 1] === 0 && words[at + 2] === MAPPED_WORD;
}

/** Whether the address is unspecified: `0.0.0.0` or `::`. */
export function isUnspecified(address: Address): boolean {
  return address.subarray(isIpv4(address) ? 12 : 0).every((byte) => byte === 0);
}

function parseIpv4(text: string): Address | null {
  const octets = text.split(".");
  if (octets.length !== 4) return null;
  const address = new Uint8Array(ADDRESS_BYTES);
  address[10] = address[11] = 0xff;
  for (const [i, octet] of octets.entries()) {
    if (!/^(0|[1-9]\d{0,2})$/.test(octet) || Number(octet) > 255) return null;
    address[12 + i] = Number(octet);
  }
  return address;
}

function parseIpv6(text: string): Address | null {
  const halves = text.split("::");
  if (halves.length > 2) return null;
  const head = parseGroups(halves[0]!, halves.length === 1);
  const tail = halves.length === 2 ? parseGroups(halves[1]!, true) : [];
  if (head === null || tail === null) return null;
  const given = head.length + tail.length;
  // "::" stands for at least one group. RFC 5952 asks for two when writing; one is accepted when reading.
  if (halves.length === 2 ? given > 14 : given !== 16) return null;
  const address = new Uint8Array(ADDRESS_BYTES);
  address.set(head);
  address.set(tail, ADDRESS_BYTES - tail.length);
  return address;
}

/** The bytes of colon-separated groups. The last group may be dotted decimal where `ipv4Last` allows it. */
function parseGroups(text: string, ipv4Last: boolean): number[] | null {
  if (text === "") return [];
  const bytes: number[] = [];
  const groups = text.split(":");
  for (const [i, group] of groups.entries()) {
    if (ipv4Last && i === groups.length - 1 && group.includes(".")) {
      const ipv4 = parseIpv4(group);
      if (ipv4 === null) return null;
      bytes.push(...ipv4.subarray(12));
    } else if (/^[0-9a-f]{1,4}$/i.test(group)) {
      const value = Number.parseInt(group, 16);
      bytes.push(value >> 8, value & 0xff);
    } else {
      return null;
    }
  }
  return bytes;
}

function longestZeroRun(groups: readonly string[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let length = 0;
  for (const [i, group] of groups.entries()) {
    length = group === "0" ? length + 1 : 0;
    if (length > best.length) best = { start: i - length + 1, length };
  }
  return best;
}
