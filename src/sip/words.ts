// The words of each outcome: the finding, its usual cause, and the next step.

import type { Outcome } from "./outcome.ts";

export interface OutcomeWords {
  readonly text: string;
  /** Empty where there is nothing to explain. */
  readonly cause: string;
  /** Empty where there is nothing to do. */
  readonly next: string;
}

export function outcomeWords(outcome: Outcome): OutcomeWords {
  return WORDS[outcome];
}

const NOT_ACCEPTING =
  "the kernel accepts connections but the program does not take them: out of file descriptors, or stuck";
const LOOK_AT_DESCRIPTORS =
  "on the server: ss -lnt (Recv-Q of the listener above 0?) and sockwarden who; compare its descriptors with its limit";

const WORDS: Readonly<Record<Outcome, OutcomeWords>> = {
  answered: words("answered"),
  redirect: words(
    "redirected elsewhere",
    "the server answers, and names another place",
    "probe the address in Contact",
  ),
  retransmitted: words(
    "answered, but only after the request was sent again",
    "datagrams are lost on the way, or the server is too busy to answer within 500 ms",
    "probe over TCP to tell loss from load",
  ),
  late: words(
    "answered late",
    "the server is overloaded, or the connection waited until a descriptor became free",
    LOOK_AT_DESCRIPTORS,
  ),
  "failed-over": words(
    "answered by another address than the first",
    "an address that clients try first is dead; they pay its timeout on every call",
    "probe each address with --all, and take the dead one out of the DNS",
  ),
  unavailable: words(
    "refuses work for now (503)",
    "maintenance, draining or overload",
    "see the server's log; Retry-After says when",
  ),
  "server-error": words(
    "answered with a server error (5xx)",
    "the server runs, but its script or a backend fails",
    "see the server's log",
  ),
  "relayed-timeout": words(
    "answered with 408",
    "the server runs, but what it passed the request on to did not answer",
    "probe the element behind it",
  ),
  "unexpected-code": words(
    "answered with a code that was not expected",
    "the server's policy or routing differs from what was expected",
    "compare with --expect",
  ),
  "auth-rejected": words(
    "rejected the credentials",
    "wrong user, password or realm",
    "check user and password file",
  ),
  "auth-unsupported": words(
    "asks for an authentication that is not known here",
    "only Digest with MD5, SHA-256 and SHA-512-256 and qop auth is known",
    "check the server's algorithm",
  ),
  "stale-nonce": words(
    "calls every nonce stale, even one it has just issued",
    "nonces expire too fast, or several servers with separate secrets share the address",
    "check the nonce lifetime, and that all nodes share one nonce secret",
  ),
  "challenge-loop": words(
    "asks for credentials again and again",
    "authentication is set up in a loop",
    "see the realms with --verbose",
  ),
  "dns-error": words(
    "the DNS did not give an answer",
    "name servers are unreachable or the zone is broken",
    "try the same name with dig",
  ),
  "dns-empty": words(
    "the name has no address",
    "the name is misspelt, or its records are gone",
    "check NAPTR, SRV, A and AAAA of the name",
  ),
  "lookup-timeout": words(
    "the look-up took longer than the deadline",
    "name servers are unreachable",
    "try the same name with dig",
  ),
  refused: words(
    "connection refused",
    "nothing listens on that port: the server is not running, or listens elsewhere",
    "on the server: ss -lntu",
  ),
  unreachable: words(
    "host unreachable",
    "a router or firewall says that the host or port cannot be reached",
    "check routing and firewall on the way",
  ),
  "no-route": words(
    "no route from here",
    "this machine has no address or route of that family",
    "try -4 or -6",
  ),
  "local-error": words(
    "could not be asked from here",
    "this machine refuses: limits, permissions or the local address",
    "see the detail",
  ),
  "connect-timeout": words(
    "no answer to the connection request",
    "host down, packets dropped by a firewall, or the accept queue is full because the program accepts nothing",
    `probe over UDP to tell a dead host from a full queue; ${LOOK_AT_DESCRIPTORS}`,
  ),
  "tls-timeout": words(
    "connected, but the TLS handshake is not answered",
    NOT_ACCEPTING,
    LOOK_AT_DESCRIPTORS,
  ),
  "tls-reset": words(
    "connection reset during the TLS handshake",
    "the server's connection limit is reached, or its process crashed",
    LOOK_AT_DESCRIPTORS,
  ),
  "tls-closed": words(
    "closed during the TLS handshake",
    "the server's connection limit is reached, or this is no TLS port",
    LOOK_AT_DESCRIPTORS,
  ),
  "tls-version": words(
    "no TLS version in common",
    "the server speaks only versions that are too old",
    "set the server's TLS method to 1.2 or later",
  ),
  "tls-not-spoken": words(
    "the port does not speak TLS",
    "plain SIP or another protocol listens there",
    "try transport=tcp, or port 5061",
  ),
  "tls-client-certificate": words(
    "the server demands a client certificate",
    "mutual TLS is required",
    "give --cert and --key",
  ),
  "tls-failed": words(
    "the TLS handshake failed",
    "no cipher in common, or the server refuses our certificate",
    "see the detail",
  ),
  "tls-cert-expired": words(
    "the certificate has expired",
    "it was not renewed, or the server was not reloaded since",
    "renew it and reload the server",
  ),
  "tls-cert-not-yet-valid": words(
    "the certificate is not valid yet",
    "a clock is wrong, here or where it was made",
    "compare the clocks",
  ),
  "tls-cert-name": words(
    "the certificate is for another name",
    "the wrong certificate, or the domain is missing in it",
    "issue it for the SIP domain (RFC 5922)",
  ),
  "tls-cert-untrusted": words(
    "the certificate is not trusted",
    "self-signed, a private authority, or an intermediate certificate is missing",
    "give --ca, or let the server send its chain",
  ),
  "ws-timeout": words(
    "connected, but the WebSocket handshake is not answered",
    NOT_ACCEPTING,
    LOOK_AT_DESCRIPTORS,
  ),
  "ws-http": words(
    "the WebSocket handshake was refused",
    "wrong path, or the server wants another subprotocol or origin",
    "check the URL's path and the server's HTTP routing",
  ),
  "ws-no-subprotocol": words(
    "the server does not take the subprotocol sip",
    "another WebSocket service answers there",
    "check the URL",
  ),
  "ws-bad-handshake": words(
    "the answer to the WebSocket handshake is wrong",
    "no WebSocket server, or a proxy in between spoils it",
    "check the URL",
  ),
  "ws-closed": words(
    "the WebSocket was closed before an answer",
    "the server refuses this client, or hit a limit",
    "see the close code",
  ),
  "no-response": words(
    "no answer to the request",
    `${NOT_ACCEPTING}; on UDP also loss, a firewall, or nothing there`,
    LOOK_AT_DESCRIPTORS,
  ),
  "no-final-response": words(
    "only provisional answers came",
    "the server passed the request on and waits",
    "probe the element behind it",
  ),
  "closed-early": words(
    "closed without an answer",
    "the server's own connection limit is reached, for all or for this address",
    "see tcp_max_connections or the limit per address",
  ),
  reset: words(
    "connection reset before an answer",
    "a connection limit, a crash, or someone destroyed the socket",
    LOOK_AT_DESCRIPTORS,
  ),
  "bad-response": words(
    "what came is no SIP",
    "another protocol listens there, or the server is broken",
    "see the detail; is it the right port?",
  ),
  "half-message": words(
    "a message began and never ended",
    "the server stalled or died while it wrote, or a length is wrong",
    "see the server's log",
  ),
  "stray-response": words(
    "only answers to something else came",
    "the server confuses transactions, or an old answer arrived",
    "see the answers with --verbose",
  ),
  "endless-response": words(
    "the answer does not end",
    "broken or hostile server: more than 64 kB of headers, 1 MB of body, or 4 MB in all",
    "see the server's log",
  ),
};

function words(text: string, cause = "", next = ""): OutcomeWords {
  return { text, cause, next };
}
