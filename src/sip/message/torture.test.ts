// The messages of RFC 4475 and RFC 5118, each with the expected result. They are not part of this repository: the tests
// read them from a folder beside it, and say so where it is absent.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { checkMessage } from "./check.ts";
import type { Malformed } from "./fault.ts";
import { parseMessage, type SipMessage } from "./parse.ts";

const folder = path.resolve(import.meta.dirname, "../../../../shared/data/sip-torture");

interface Expectation {
  readonly file: string;
  readonly kind: "request" | "response";
  readonly verdict: "valid" | "parses" | "invalid" | "unreferenced";
  readonly faultLayer: string | null;
  readonly lineEnding?: "LF";
}

/** Messages that we read although the RFC calls them invalid, and why a client that only asks may do so. */
const READ_ANYWAY: Readonly<Record<string, string>> = {
  "rfc4475/escruri.dat": "headers in a Request-URI: grammatical, and only a server must mind",
  "rfc4475/baddate.dat": "Date is not used",
  "rfc4475/mismatch01.dat": "matching a response compares methods; a request's are the sender's",
  "rfc4475/mismatch02.dat": "as mismatch01",
};

/** Messages that parse by the RFC, but that no one should act on. */
const REFUSED: Readonly<Record<string, string>> = {
  "rfc4475/insuf.dat": "missing-header",
  "rfc4475/multi01.dat": "repeated-header",
  "rfc4475/mcl01.dat": "conflicting-content-length",
  // The RFC prints it with Content-Length 268 and a body of 251 bytes.
  "rfc5118/ipv6-in-sdp": "body-too-short",
};

if (!existsSync(folder)) {
  test("the torture messages of RFC 4475 and RFC 5118", {
    skip: "the corpus is not beside the repository",
  }, () => {});
} else {
  const manifest = JSON.parse(readFileSync(path.join(folder, "manifest.json"), "utf8")) as {
    readonly files: readonly Expectation[];
  };
  for (const expectation of manifest.files) {
    if (expectation.verdict === "unreferenced") continue;
    test(`${expectation.file} is ${describe(expectation)}`, () => {
      const result = read(expectation);
      if (!isRefused(expectation)) assert.equal(result.kind, expectation.kind, JSON.stringify(result));
      else assert.equal(result.kind, "malformed");
      if (expectation.file in REFUSED) assert.equal((result as Malformed).code, REFUSED[expectation.file]);
    });
  }
}

function isRefused({ file, verdict }: Expectation): boolean {
  // RFC 4475's badvers asks for 505 instead of silence; a client has no use for another version.
  return file in REFUSED || (verdict === "invalid" && !(file in READ_ANYWAY));
}

function describe(expectation: Expectation): string {
  return isRefused(expectation) ? `refused (${expectation.faultLayer})` : `read (${expectation.verdict})`;
}

function read({ file, lineEnding }: Expectation): SipMessage | Malformed {
  const bytes = readFileSync(path.join(folder, file));
  const message = parseMessage(lineEnding === "LF" ? completed(bytes) : bytes);
  return message.kind === "malformed" ? message : (checkMessage(message) ?? message);
}

/** The files of RFC 5118 have bare LF although their lengths count CRLF, and two of them no blank line. */
function completed(bytes: Uint8Array): Uint8Array {
  const text = Buffer.from(bytes).toString("latin1");
  const whole = /\n\n/.test(text) ? text : `${text}\n`;
  return Buffer.from(whole.replaceAll("\n", "\r\n"), "latin1");
}
