// Challenges of WWW-Authenticate and Proxy-Authenticate (RFC 3261 section 22, RFC 7616, RFC 8760).

import { partOf } from "../message/check.ts";
import { MessageFault, readOrFault } from "../message/fault.ts";
import { type Params, readParams, splitOutsideQuotes } from "../message/grammar.ts";
import type { Header } from "../message/header.ts";
import { headersOf } from "../message/header.ts";

/** Hash functions by their names in a challenge, in capitals, without `-sess`. */
export const ALGORITHMS = ["MD5", "SHA-256", "SHA-512-256"] as const;

export type DigestAlgorithm = (typeof ALGORITHMS)[number];

/** Who may ask: a server (401), or a proxy on the way to it (407). Each gets an answer of its own. */
export type Asker = "www" | "proxy";

export interface Challenge {
  readonly asker: Asker;
  readonly realm: string;
  readonly nonce: string;
  readonly opaque: string | null;
  readonly algorithm: DigestAlgorithm;
  /** As the challenge spells it; null where the challenge names none, which means MD5. */
  readonly algorithmText: string | null;
  /** Whether the algorithm is of the `-sess` kind. */
  readonly session: boolean;
  /** Whether `auth` is among the qop options. A challenge without qop gets the answer of RFC 2069. */
  readonly qopAuth: boolean;
  readonly stale: boolean;
}

/** The topmost challenge that can be answered, or null. It passes over faults and unknown schemes and algorithms. */
export function chooseChallenge(headers: readonly Header[], asker: Asker): Challenge | null {
  const name = asker === "www" ? "WWW-Authenticate" : "Proxy-Authenticate";
  for (const header of headersOf(headers, name)) {
    const challenge = readOrFault(() => readChallenge(header, asker));
    if (challenge !== null && !("kind" in challenge)) return challenge;
  }
  return null;
}

/** Null for a scheme, algorithm or qop that is not known here. */
function readChallenge(header: Header, asker: Asker): Challenge | null {
  const { text, position } = partOf(header);
  const match = /^digest[ \t]+/i.exec(text);
  if (match === null) return null;
  const whole = { text: text.slice(match[0].length), position: position + match[0].length };
  // Some servers send a trailing comma; an empty part says nothing.
  const parts = splitOutsideQuotes(whole, ",", false).filter((part) => part.text !== "");
  const params = readParams(parts);
  const algorithm = readAlgorithm(params);
  const qop = params.get("qop") ?? null;
  const options = qop?.toLowerCase().split(/[ \t]*,[ \t]*/) ?? [];
  if (algorithm === null || (qop !== null && !options.includes("auth"))) return null;
  return {
    asker,
    realm: demanded(params, "realm", position),
    nonce: demanded(params, "nonce", position),
    opaque: params.get("opaque") ?? null,
    ...algorithm,
    qopAuth: qop !== null,
    stale: params.get("stale")?.toLowerCase() === "true",
  };
}

function readAlgorithm(params: Params): Pick<Challenge, "algorithm" | "algorithmText" | "session"> | null {
  const algorithmText = params.get("algorithm") ?? null;
  const upper = (algorithmText ?? "MD5").toUpperCase();
  const session = upper.endsWith("-SESS");
  const algorithm = ALGORITHMS.find((known) => known === (session ? upper.slice(0, -5) : upper));
  return algorithm === undefined ? null : { algorithm, algorithmText, session };
}

function demanded(params: Params, name: string, position: number): string {
  const value = params.get(name);
  if (value === undefined || value === null) throw new MessageFault("bad-challenge", position);
  return value;
}
