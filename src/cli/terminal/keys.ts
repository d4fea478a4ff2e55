// From the bytes that a terminal sends to keys. A sequence may arrive in pieces: its beginning is handed back, to be
// put before the next bytes. Never throws; unknown sequences are dropped. Pure.
//
//   text     UTF-8, one key a character
//   CSI      ESC [ parameters (0x30-0x3f) intermediates (0x20-0x2f) final (0x40-0x7e)      ESC [ 5 ~   ESC [ 1 ; 5 A
//   SS3      ESC O final                                                                   ESC O A
//   ESC      alone, or before anything else

export const KEY_NAMES = [
  "up",
  "down",
  "pageUp",
  "pageDown",
  "home",
  "end",
  "enter",
  "escape",
  "backspace",
  "interrupt",
  "suspend",
  "repaint",
  "clearLine",
] as const;
export type KeyName = (typeof KEY_NAMES)[number];

export type Key =
  | { readonly kind: "named"; readonly name: KeyName }
  | { readonly kind: "text"; readonly text: string };

export interface DecodedKeys {
  readonly keys: readonly Key[];
  /** The beginning of a sequence whose end has not arrived. */
  readonly rest: Uint8Array;
}

const ESC = 0x1b;

/** A longer control sequence is no key; this much of it is dropped. */
const SEQUENCE_BYTES_MAX = 32;

const CONTROLS: Readonly<Record<number, KeyName>> = {
  3: "interrupt",
  8: "backspace",
  10: "enter",
  12: "repaint",
  13: "enter",
  21: "clearLine",
  26: "suspend",
  127: "backspace",
};

const FINALS: Readonly<Record<string, KeyName>> = { A: "up", B: "down", H: "home", F: "end" };

const NUMBERED: Readonly<Record<string, KeyName>> = {
  1: "home",
  4: "end",
  5: "pageUp",
  6: "pageDown",
  7: "home",
  8: "end",
};

export function decodeKeys(bytes: Uint8Array): DecodedKeys {
  const keys: Key[] = [];
  let at = 0;
  while (at < bytes.length) {
    const step = decodeOne(bytes, at);
    if (step === null) return { keys, rest: bytes.slice(at) };
    if (step.key !== null) keys.push(step.key);
    at += step.length;
  }
  return { keys, rest: new Uint8Array(0) };
}

/** The meaning of an unfinished sequence when nothing more comes: ESC alone is a key, the rest is noise. */
export function flushKeys(rest: Uint8Array): readonly Key[] {
  return rest.length === 1 && rest[0] === ESC ? [named("escape")] : [];
}

/** A step forward of at least one byte, with or without a key. */
interface Step {
  readonly key: Key | null;
  readonly length: number;
}

/** Null where more bytes are needed. */
function decodeOne(bytes: Uint8Array, at: number): Step | null {
  const byte = bytes[at]!;
  if (byte === ESC) return decodeEscape(bytes, at);
  if (byte >= 0x80) return decodeUtf8(bytes, at);
  if (byte >= 0x20 && byte !== 0x7f) return { key: text(String.fromCharCode(byte)), length: 1 };
  const control = CONTROLS[byte];
  return { key: control === undefined ? null : named(control), length: 1 };
}

function decodeEscape(bytes: Uint8Array, at: number): Step | null {
  const next = bytes[at + 1];
  if (next === undefined) return null;
  if (next === 0x5b) return decodeCsi(bytes, at);
  if (next !== 0x4f) return { key: named("escape"), length: 1 };
  const final = bytes[at + 2];
  if (final === undefined) return null;
  if (final < 0x40 || final > 0x7e) return { key: null, length: 2 };
  return { key: byFinal(String.fromCharCode(final)), length: 3 };
}

function decodeCsi(bytes: Uint8Array, at: number): Step | null {
  let end = at + 2;
  while (end < bytes.length && bytes[end]! >= 0x20 && bytes[end]! <= 0x3f) {
    end++;
    if (end - at >= SEQUENCE_BYTES_MAX) return { key: null, length: end - at };
  }
  const final = bytes[end];
  if (final === undefined) return null;
  // Not a final byte: the sequence was broken off, and this byte begins something else.
  if (final < 0x40 || final > 0x7e) return { key: null, length: end - at };
  const length = end + 1 - at;
  const parameters = String.fromCharCode(...bytes.subarray(at + 2, end));
  if (final !== 0x7e) return { key: byFinal(String.fromCharCode(final)), length };
  const name = NUMBERED[parameters.split(";")[0]!];
  return { key: name === undefined ? null : named(name), length };
}

function decodeUtf8(bytes: Uint8Array, at: number): Step | null {
  const first = bytes[at]!;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 1;
  const sequence = bytes.subarray(at, at + length);
  const broken = sequence.findIndex((byte, i) => i > 0 && (byte & 0xc0) !== 0x80);
  if (length === 1 || first > 0xf4) return { key: null, length: 1 };
  if (broken > 0) return { key: null, length: broken };
  if (sequence.length < length) return null;
  const decoded = new TextDecoder().decode(sequence);
  return { key: decoded.includes("\ufffd") ? null : text(decoded), length };
}

function byFinal(final: string): Key | null {
  const name = FINALS[final];
  return name === undefined ? null : named(name);
}

function named(name: KeyName): Key {
  return { kind: "named", name };
}

function text(value: string): Key {
  return { kind: "text", text: value };
}
