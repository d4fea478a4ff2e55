// TLS over a connected socket: the handshake, and whether the certificate is the domain's.

import type net from "node:net";
import tls from "node:tls";
import { errorCode, parseAddress } from "../../model/index.ts";
import { stripControls } from "../message/text.ts";
import { type Outcome, ProbeError } from "../outcome.ts";
import { matchName, splitNames, type TlsFacts } from "./certificate.ts";
import { ClosedWhileWaiting, Interrupted, waitFor } from "./socket-wait.ts";
import { discard } from "./tcp.ts";

export interface TlsOptions {
  readonly minVersion: "TLSv1" | "TLSv1.1" | "TLSv1.2" | "TLSv1.3";
  /** Authorities to trust in place of the system's, in PEM. */
  readonly ca: string | null;
  readonly certificate: { readonly cert: string; readonly key: string } | null;
  /** Goes on with an unacceptable certificate, and says what is wrong with it. */
  readonly insecure: boolean;
}

export interface TlsOpened {
  readonly socket: tls.TLSSocket;
  readonly facts: TlsFacts;
}

/** Shakes hands for the domain `host`. Throws `ProbeError` of the phase `tls`. */
export async function startTls(
  socket: net.Socket,
  host: string,
  options: TlsOptions,
  signal: AbortSignal,
): Promise<TlsOpened> {
  const secured = tls.connect({
    socket,
    minVersion: options.minVersion,
    // Judged below: the faults of a certificate are told apart there, and tolerated where asked.
    rejectUnauthorized: false,
    // Node's own check knows no URI names, and would compare with "localhost" here.
    checkServerIdentity: () => undefined,
    ...(parseAddress(host) === null ? { servername: host } : {}),
    ...(options.ca === null ? {} : { ca: options.ca }),
    ...(options.certificate ?? {}),
  });
  try {
    await waitFor(secured, "secureConnect", signal);
  } catch (error) {
    discard(secured);
    throw handshakeFailure(error);
  }
  const { facts, failure } = judgeCertificate(secured, host);
  if (failure === null || options.insecure) return { socket: secured, facts };
  discard(secured);
  throw failure;
}

function judgeCertificate(
  socket: tls.TLSSocket,
  host: string,
): { readonly facts: TlsFacts; readonly failure: ProbeError | null } {
  const certificate = socket.getPeerCertificate(true);
  const subjectAltName = certificate.subjectaltname ?? null;
  const commonName = oneOf(certificate.subject?.CN);
  const match = matchName({ subjectAltName, commonName }, host);
  const names = splitNames(subjectAltName).map((name) => stripControls(name, 100));
  const failure =
    untrusted(socket) ??
    (match === "none"
      ? certFailure(
          "tls-cert-name",
          `for ${names.slice(0, 5).join(", ") || stripControls(commonName ?? "nobody", 100)}`,
        )
      : null);
  const facts = {
    version: socket.getProtocol() ?? "unknown",
    names,
    notAfterMs: earliestExpiry(certificate),
    problem: failure === null ? null : `${failure.code}: ${failure.detail}`,
    warning: match === "wildcard" ? "matches by a wildcard, which RFC 5922 forbids" : null,
  };
  return { facts, failure };
}

function untrusted(socket: tls.TLSSocket): ProbeError | null {
  // Node gives OpenSSL's code as a string here, whatever its types say.
  const problem = socket.authorized ? "" : String(socket.authorizationError ?? "");
  if (problem === "") return null;
  if (problem.includes("CERT_HAS_EXPIRED")) return certFailure("tls-cert-expired", problem);
  if (problem.includes("CERT_NOT_YET_VALID")) return certFailure("tls-cert-not-yet-valid", problem);
  return certFailure("tls-cert-untrusted", problem);
}

/** The chain as it was sent or completed. Its last certificate names itself as its issuer. */
function earliestExpiry(leaf: tls.DetailedPeerCertificate): number | null {
  let earliest: number | null = null;
  const seen = new Set<string>();
  for (
    let c: tls.DetailedPeerCertificate | undefined = leaf;
    c?.valid_to && !seen.has(c.fingerprint256);
    c = c.issuerCertificate
  ) {
    seen.add(c.fingerprint256);
    const notAfter = Date.parse(c.valid_to);
    earliest = earliest === null ? notAfter : Math.min(earliest, notAfter);
  }
  return earliest;
}

function handshakeFailure(error: unknown): ProbeError {
  if (error instanceof Interrupted) return new ProbeError("tls-timeout", "tls", "");
  const code = errorCode(error);
  const detail =
    error instanceof Error && code.startsWith("ERR_SSL")
      ? code.slice(8).toLowerCase().replaceAll("_", " ")
      : code;
  return new ProbeError(handshakeOutcome(error, code), "tls", detail, error);
}

function handshakeOutcome(error: unknown, code: string): Outcome {
  if (error instanceof ClosedWhileWaiting) return "tls-closed";
  // Node reports a FIN during the handshake as ECONNRESET too, without a system call.
  if (code === "ECONNRESET") return error instanceof Error && "syscall" in error ? "tls-reset" : "tls-closed";
  if (code === "EPIPE") return "tls-reset";
  if (/ALERT_PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|NO_PROTOCOLS/.test(code)) return "tls-version";
  if (
    /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|RECORD_LAYER_FAILURE|UNEXPECTED_MESSAGE/.test(
      code,
    )
  )
    return "tls-not-spoken";
  return isClientCertificateDemand(code) ? "tls-client-certificate" : "tls-failed";
}

/** With TLS 1.3 the demand comes only after our side of the handshake is over. */
export function isClientCertificateDemand(code: string): boolean {
  return /CERTIFICATE_REQUIRED|ALERT_BAD_CERTIFICATE|PEER_DID_NOT_RETURN/.test(code);
}

function certFailure(outcome: Outcome, detail: string): ProbeError {
  return new ProbeError(outcome, "tls", detail);
}

function oneOf(names: string | string[] | undefined): string | null {
  return (Array.isArray(names) ? names[0] : names) ?? null;
}
