// The parts that RFC 3261 section 25 builds header values from: tokens, quoted strings, lists, parameters. Each reader
// takes a byte string and the position of its first character in the message, so that a fault can say where it is.

import { MessageFault } from "./fault.ts";
import { trimLws, trimStartLws } from "./lws.ts";

/** RFC 3261 section 25.1, token. */
const TOKEN = /^[A-Za-z0-9.!%*_+`'~-]+$/;
/** `gen-value` of a parameter without quotes: a token or a host, so colons, brackets and slashes too. */
const PLAIN_VALUE = /^[A-Za-z0-9.!%*_+`'~[\]:/-]*$/;

export function isToken(text: string): boolean {
  return TOKEN.test(text);
}

/** A part of a value with the position of its first character in the message. */
export interface Part {
  readonly text: string;
  readonly position: number;
}

/**
 * Splits at a separator that stands outside quoted strings and, where `angles` is set, outside <>. It trims the parts.
 * A part may be empty: the caller decides whether that is allowed. An open quote is a fault.
 */
export function splitOutsideQuotes(whole: Part, separator: string, angles: boolean): readonly Part[] {
  const { text, position } = whole;
  const parts: Part[] = [];
  let start = 0;
  let inAngles = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (char === '"' && !inAngles) i = endOfQuoted(text, i, position);
    else if (angles && char === "<") inAngles = true;
    else if (angles && char === ">") inAngles = false;
    else if (char === separator && !inAngles) {
      parts.push(trimmed(text.slice(start, i), position + start));
      start = i + 1;
    }
  }
  parts.push(trimmed(text.slice(start), position + start));
  return parts;
}

/** Index of the quote that closes the one at `start`. */
export function endOfQuoted(text: string, start: number, position: number): number {
  for (let i = start + 1; i < text.length; i++) {
    if (text[i] === "\\") i++;
    else if (text[i] === '"') return i;
  }
  throw new MessageFault("bad-quoted-string", position + start);
}

/** The text between quotes without its escapes. `quoted` starts and ends with a quote. */
export function unquote(quoted: string): string {
  return quoted.slice(1, -1).replace(/\\([\s\S])/g, "$1");
}

/** Text as a quoted string. */
export function quotedString(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}

/** Parameters by lower-case name; one without `=` has the value null. */
export type Params = ReadonlyMap<string, string | null>;

/** Reads `name`, `name=value` and `name="value"` parts. Faults: an empty part, a name that is no token, or twice. */
export function readParams(parts: readonly Part[]): Params {
  const params = new Map<string, string | null>();
  for (const part of parts) {
    const { name, value } = readParam(part);
    if (params.has(name)) throw new MessageFault("bad-parameter", part.position);
    params.set(name, value);
  }
  return params;
}

function readParam({ text, position }: Part): { readonly name: string; readonly value: string | null } {
  const equals = text.indexOf("=");
  const name = trimLws(equals < 0 ? text : text.slice(0, equals)).toLowerCase();
  if (!isToken(name)) throw new MessageFault("bad-parameter", position);
  return {
    name,
    value: equals < 0 ? null : readParamValue(trimmed(text.slice(equals + 1), position + equals + 1)),
  };
}

function readParamValue({ text, position }: Part): string {
  if (text.startsWith('"')) {
    if (endOfQuoted(text, 0, position) !== text.length - 1) throw new MessageFault("bad-parameter", position);
    return unquote(text);
  }
  if (!PLAIN_VALUE.test(text)) throw new MessageFault("bad-parameter", position);
  return text;
}

/** A decimal of digits alone, at most `max`; null for anything else. Leading zeros are fine, however many. */
export function readDecimal(text: string, max: number): number | null {
  if (!/^\d+$/.test(text)) return null;
  const value = Number(text);
  return value <= max ? value : null;
}

function trimmed(text: string, position: number): Part {
  const left = text.length - trimStartLws(text).length;
  return { text: trimLws(text), position: position + left };
}
