// HOST:PORT, with an IPv6 address in brackets (RFC 3986, section 3.2.2).

import { contains, parseAddress, parseNetwork } from "../model/index.ts";

const LOOPBACK = [parseNetwork("127.0.0.0/8")!, parseNetwork("::1")!];

/** The host without brackets and the port; null for any other text. */
export function parseListen(text: string): { host: string; port: number } | null {
  const [, bracketed, bare, digits] = /^(?:\[([^\]]*)\]|([^[\]:]*)):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === undefined || port < 1 || port > 65_535) return null;
  if (bracketed !== undefined) {
    return bracketed.includes(":") && parseAddress(bracketed) !== null ? { host: bracketed, port } : null;
  }
  return isHost(bare!) ? { host: bare!, port } : null;
}

/** An IPv4 address or a host name; 300.1.1.1 is neither. */
function isHost(text: string): boolean {
  if (/^[\d.]+$/.test(text)) return parseAddress(text) !== null;
  return text.length <= 253 && /^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9-]+)*$/.test(text);
}

/** Whether only this machine can connect there. Of names that is known of localhost alone (RFC 6761, section 6.3). */
export function isLoopbackHost(host: string): boolean {
  const address = parseAddress(host);
  if (address === null) return host.toLowerCase() === "localhost";
  return LOOPBACK.some((network) => contains(network, address));
}
