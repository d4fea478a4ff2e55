// The answer to a challenge (RFC 7616 section 3.4, RFC 3261 section 22.4). The hash comes as an argument, so this
// stays a function on text.

import { quotedString } from "../message/grammar.ts";
import type { Challenge, DigestAlgorithm } from "./challenge.ts";

/** The hash of a byte string in lower-case hex. */
export type Hash = (algorithm: DigestAlgorithm, text: string) => string;

export interface Credentials {
  /** Byte strings, in UTF-8 beyond ASCII. */
  readonly user: string;
  readonly password: string;
}

export interface DigestInput {
  readonly challenge: Challenge;
  readonly credentials: Credentials;
  readonly method: string;
  /** The Request-URI exactly as sent. */
  readonly uri: string;
  readonly cnonce: string;
  /** How often this nonce has been used, this time included. */
  readonly nonceCount: number;
}

/** `response` in hex: by RFC 7616 with qop, by RFC 2069 without. */
export function digestResponse(input: DigestInput, hash: Hash): string {
  const { challenge, credentials, method, uri, cnonce } = input;
  const h = (...parts: readonly string[]) => hash(challenge.algorithm, parts.join(":"));
  const secret = h(credentials.user, challenge.realm, credentials.password);
  const ha1 = challenge.session ? h(secret, challenge.nonce, cnonce) : secret;
  const ha2 = h(method, uri);
  if (!challenge.qopAuth) return h(ha1, challenge.nonce, ha2);
  return h(ha1, challenge.nonce, nonceCountText(input), cnonce, "auth", ha2);
}

/** The header that answers a challenge. It quotes the values that RFC 3261's grammar quotes; servers are picky. */
export function authorization(
  input: DigestInput,
  hash: Hash,
): { readonly name: string; readonly value: string } {
  const { challenge, credentials, uri, cnonce } = input;
  const quoted = (name: string, value: string) => `${name}=${quotedString(value)}`;
  const fields = [
    quoted("username", credentials.user),
    quoted("realm", challenge.realm),
    quoted("nonce", challenge.nonce),
    quoted("uri", uri),
    quoted("response", digestResponse(input, hash)),
  ];
  if (challenge.algorithmText !== null) fields.push(`algorithm=${challenge.algorithmText}`);
  if (challenge.opaque !== null) fields.push(quoted("opaque", challenge.opaque));
  if (challenge.qopAuth) fields.push("qop=auth", `nc=${nonceCountText(input)}`);
  if (challenge.qopAuth || challenge.session) fields.push(quoted("cnonce", cnonce));
  return {
    name: challenge.asker === "www" ? "Authorization" : "Proxy-Authorization",
    value: `Digest ${fields.join(", ")}`,
  };
}

function nonceCountText({ nonceCount }: DigestInput): string {
  return nonceCount.toString(16).padStart(8, "0");
}
