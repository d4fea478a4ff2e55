// Addresses that must never be shut out: this host's own, and its gateways'. They are those of the calling thread's
// network namespace.

import { networkInterfaces } from "node:os";
import { ADDRESS_BYTES, type Address, isUnspecified, parseAddress } from "../model/index.ts";
import { readTextIfAllowed, type SystemRoot } from "./system-root.ts";

/** The addresses of all interfaces that are up, 127.0.0.1 and ::1 among them. */
export function readOwnAddresses(): Address[] {
  const found = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  // A link-local address may carry its interface, as in fe80::1%eth0.
  return found
    .map(({ address }) => parseAddress(address.split("%")[0]!))
    .filter((address) => address !== null);
}

/** The next hops of all routes. Empty if the kernel does not show them. */
export function readGateways(root: SystemRoot): Address[] {
  const folder = `${root.proc}/thread-self/net`;
  return [
    ...parseRoutes(readTextIfAllowed(`${folder}/route`) ?? ""),
    ...parseIpv6Routes(readTextIfAllowed(`${folder}/ipv6_route`) ?? ""),
  ];
}

/** net/route: `Iface Destination Gateway ...`, addresses as the hexadecimal number that a little-endian host reads. */
export function parseRoutes(text: string): Address[] {
  const gateways = text
    .split("\n")
    .slice(1)
    .map((line) => line.trim().split(/\s+/)[2] ?? "")
    .filter((hex) => /^[0-9A-Fa-f]{8}$/.test(hex) && hex !== "00000000");
  return unique(gateways).map(
    (hex) =>
      parseAddress(
        hex
          .match(/../g)!
          .reverse()
          .map((byte) => parseInt(byte, 16))
          .join("."),
      )!,
  );
}

/** net/ipv6_route: destination, its prefix length, source, its prefix length, next hop, ...; addresses as 32 hexadecimal digits. */
export function parseIpv6Routes(text: string): Address[] {
  const hops = text
    .split("\n")
    .map((line) => line.trim().split(/\s+/)[4] ?? "")
    .filter((hex) => hex.length === 2 * ADDRESS_BYTES && /^[0-9a-f]+$/.test(hex));
  return unique(hops)
    .map((hex) => Uint8Array.from(hex.match(/../g)!, (byte) => parseInt(byte, 16)))
    .filter((address) => !isUnspecified(address));
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}
