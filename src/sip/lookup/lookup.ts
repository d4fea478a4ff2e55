// From a name to the addresses to try (RFC 3263 section 4), best first.
//
//   address literal   -> it, port or default, transport or UDP (TLS where secure)
//   port given        -> A/AAAA with that port
//   else NAPTR -> SRV -> A/AAAA; no NAPTR: SRV of each transport; no SRV: A/AAAA with the default port
//
// The DNS has no SRV records for a name without a dot, so such a name goes to A/AAAA at once.

import { type IpFamily, parseAddress } from "../../model/index.ts";
import { stripControls } from "../message/text.ts";
import type { Target, Transport } from "../target.ts";
import { type NaptrChoice, orderNaptr, orderSrv } from "./order.ts";
import { LookupError, type Resolver, type SrvRecord } from "./resolver.ts";

/** An address to try. */
export interface Destination {
  readonly transport: Transport;
  readonly address: string;
  readonly family: IpFamily;
  readonly port: number;
  /** The name that led to the address: the SRV target, or the host that was asked for. */
  readonly name: string;
}

export interface LookedUp {
  readonly destinations: readonly Destination[];
  /** The questions and answers, for people. */
  readonly chain: readonly string[];
}

export interface LookupOptions {
  readonly resolver: Resolver;
  readonly random: () => number;
  /** Only addresses of this family; null for both. */
  readonly family: IpFamily | null;
}

export const DEFAULT_PORTS: Readonly<Record<Transport, number>> = {
  udp: 5060,
  tcp: 5060,
  tls: 5061,
  ws: 80,
  wss: 443,
};

const SRV_PREFIXES: Readonly<Partial<Record<Transport, string>>> = {
  udp: "_sip._udp.",
  tcp: "_sip._tcp.",
  tls: "_sips._tcp.",
};

/** More targets than any real domain has; a hostile zone must not make one probe try thousands. */
const DESTINATIONS_MAX = 64;

/** Every destination of a target, best first and at least one. Throws `LookupError`. */
export async function lookUp(target: Target, options: LookupOptions): Promise<LookedUp> {
  const chain: string[] = [];
  const literal = literalLookup(target);
  if (literal !== null) return literal;
  const places = await findPlaces(target, options, chain);
  const found: Destination[] = [];
  let failure: LookupError | null = null;
  for (const place of places.slice(0, DESTINATIONS_MAX)) {
    try {
      found.push(...(await resolvePlace(place, options, chain)));
    } catch (error) {
      if (!(error instanceof LookupError)) throw error;
      failure = error;
      chain.push(error.message);
    }
  }
  if (found.length > 0)
    return {
      destinations: found.slice(0, DESTINATIONS_MAX),
      chain: chain.map((step) => stripControls(step)),
    };
  throw failure ?? new LookupError("dns-empty", target.host, chain.at(-1) ?? "no address");
}

/** The look-up of an address literal, which asks nobody; null for a name. */
export function literalLookup({ host, port, transport, secure }: Target): LookedUp | null {
  if (parseAddress(host) === null) return null;
  const chosen = transport ?? (secure ? "tls" : "udp");
  const family = host.includes(":") ? 6 : 4;
  const destination: Destination = {
    transport: chosen,
    address: host,
    family,
    port: port ?? DEFAULT_PORTS[chosen],
    name: host,
  };
  return { destinations: [destination], chain: [] };
}

/** A name, a port and a transport. SRV gives them, and A/AAAA turns them into addresses. */
interface ServerName {
  readonly name: string;
  readonly port: number;
  readonly transport: Transport;
}

async function findPlaces(
  target: Target,
  options: LookupOptions,
  chain: string[],
): Promise<readonly ServerName[]> {
  const { host, port, transport, secure } = target;
  const fallback = transport ?? (secure ? "tls" : "udp");
  const direct = [{ name: host, port: port ?? DEFAULT_PORTS[fallback], transport: fallback }];
  const isWs = fallback === "ws" || fallback === "wss";
  if (port !== null || isWs || !host.replace(/\.$/, "").includes(".")) return direct;
  for (const choice of await findSrvNames(target, options.resolver, chain)) {
    const records = await tolerate(() => options.resolver.srv(choice.srvName), chain);
    if (records.length === 0) continue;
    chain.push(`SRV ${choice.srvName}: ${records.map(srvText).join(", ")}`);
    // RFC 2782: a lone "." says that the service is decidedly not offered.
    const offered = records.filter((record) => record.name !== "" && record.name !== ".");
    if (offered.length === 0)
      throw new LookupError("dns-empty", choice.srvName, "the domain says that it does not offer this");
    return orderSrv(offered, options.random).map(({ name, port }) => ({
      name,
      port,
      transport: choice.transport,
    }));
  }
  return direct;
}

/** Names to ask for SRV. WebSocket is found by NAPTR alone: it has no SRV prefix of its own (RFC 7118 section 7). */
async function findSrvNames(
  { host, transport, secure }: Target,
  resolver: Resolver,
  chain: string[],
): Promise<readonly NaptrChoice[]> {
  const wanted = (t: Transport) =>
    transport === null ? !secure || t === "tls" || t === "wss" : t === transport;
  if (transport === null) {
    const records = await tolerate(() => resolver.naptr(host), chain);
    const choices = orderNaptr(records, wanted);
    if (records.length > 0)
      chain.push(`NAPTR ${host}: ${choices.map((c) => c.srvName).join(", ") || "none that fits"}`);
    if (choices.length > 0) return choices;
  }
  return (["udp", "tcp", "tls"] as const)
    .filter(wanted)
    .map((t) => ({ transport: t, srvName: `${SRV_PREFIXES[t]}${host}` }));
}

/** Some name servers fail on record types they do not know. The look-up notes it and takes the next step. */
async function tolerate<T>(ask: () => Promise<readonly T[]>, chain: string[]): Promise<readonly T[]> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof LookupError)) throw error;
    chain.push(error.message);
    return [];
  }
}

async function resolvePlace(
  place: ServerName,
  options: LookupOptions,
  chain: string[],
): Promise<readonly Destination[]> {
  const { name, port, transport } = place;
  const family: IpFamily = name.includes(":") ? 6 : 4;
  const all =
    parseAddress(name) !== null ? [{ address: name, family }] : await options.resolver.addresses(name);
  const fitting = all.filter((a) => options.family === null || a.family === options.family);
  const which = options.family === null ? "address" : `IPv${options.family} address`;
  chain.push(`${name}: ${fitting.map((a) => a.address).join(", ") || `no ${which}`}`);
  return fitting.map(({ address, family }) => ({ transport, address, family, port, name }));
}

function srvText({ name, port, priority }: SrvRecord): string {
  return `${name || "."}:${port} (priority ${priority})`;
}
