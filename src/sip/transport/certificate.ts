// Whether a certificate is for the domain that was asked (RFC 5922 section 7.2), and how long it lives. Pure: the TLS
// socket hands over what it saw.

import { formatAddress, parseAddress } from "../../model/index.ts";

export interface TlsFacts {
  /** TLSv1.2, TLSv1.3. */
  readonly version: string;
  /** Names the certificate is for, as `DNS:...`, `URI:...`, `IP Address:...`. */
  readonly names: readonly string[];
  /** When the first certificate of the chain expires; null where none was sent. */
  readonly notAfterMs: number | null;
  /** Why the certificate is not acceptable; null where it is. Set only where the caller tolerates a bad one. */
  readonly problem: string | null;
  /** A wildcard, accepted although RFC 5922 forbids it. */
  readonly warning: string | null;
}

/** The names that tell whom a certificate is for. */
export interface CertificateNames {
  /** As Node prints it: `DNS:a.example, URI:sip:a.example, IP Address:192.0.2.1`. */
  readonly subjectAltName: string | null;
  readonly commonName: string | null;
}

export type NameMatch = "exact" | "wildcard" | "none";

/** Matches the domain or address that was asked for, never the SRV target it led to: the DNS is not to be trusted. */
export function matchName({ subjectAltName, commonName }: CertificateNames, host: string): NameMatch {
  const names = splitNames(subjectAltName);
  const address = parseAddress(host);
  if (address !== null) {
    const wanted = formatAddress(address);
    const has = names.some((name) => name.startsWith("IP Address:") && canonical(name.slice(11)) === wanted);
    return has ? "exact" : "none";
  }
  const wanted = domain(host);
  const offered = names.flatMap(domainOf);
  // The common name counts only where there are no other names (RFC 5922 section 7.1).
  if (offered.length === 0 && names.length === 0 && commonName !== null) offered.push(domain(commonName));
  if (offered.includes(wanted)) return "exact";
  const parent = wanted.slice(wanted.indexOf("."));
  return wanted.includes(".") && offered.includes(`*${parent}`) ? "wildcard" : "none";
}

/** The alternative names of a certificate. Node quotes those that hold commas; none of these can be a host's. */
export function splitNames(subjectAltName: string | null): readonly string[] {
  if (subjectAltName === null || subjectAltName === "") return [];
  return (subjectAltName.match(/(?:"(?:[^"\\]|\\.)*"|[^,"])+/g) ?? []).map((name) => name.trim());
}

function domainOf(name: string): readonly string[] {
  if (name.startsWith("DNS:")) return [domain(name.slice(4))];
  const uri = /^URI:sips?:([^@;?]+)$/i.exec(name);
  return uri === null ? [] : [domain(uri[1]!)];
}

function domain(name: string): string {
  return name.toLowerCase().replace(/\.$/, "");
}

function canonical(text: string): string | null {
  const address = parseAddress(text.trim());
  return address === null ? null : formatAddress(address);
}

/** Whole days until then; negative once it has passed. */
export function daysUntil(notAfterMs: number, nowMs: number): number {
  return Math.floor((notAfterMs - nowMs) / 86_400_000);
}
