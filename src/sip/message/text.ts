// Bytes and text. A SIP message is read as a byte string: one character per byte, code points 0 to 255. Structure needs
// no more than that, nothing is lost, and what is UTF-8 is decoded only to be shown.

/** Characters per String.fromCharCode call: far below every engine's limit on arguments. */
const CHUNK = 8192;

/** The byte string of some bytes. TextDecoder's latin1 would not do: it is windows-1252, which moves 0x80 to 0x9f. */
export function byteString(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += CHUNK) text += String.fromCharCode(...bytes.subarray(i, i + CHUNK));
  return text;
}

/** The bytes of a byte string. Characters above 255 are a mistake of the caller's. */
export function bytesOf(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 255) throw new RangeError(`not a byte string: U+${code.toString(16)} at ${i}`);
    bytes[i] = code;
  }
  return bytes;
}

/** A byte string of text in UTF-8, as it goes into a message. */
export function utf8ByteString(text: string): string {
  return byteString(new TextEncoder().encode(text));
}

/**
 * What a peer sent, fit to be shown to a person: decoded as UTF-8, without anything a terminal would act on (C0, C1, DEL,
 * bidirectional overrides, line separators), and cut to `max` characters.
 */
export function displayText(raw: string, max = 200): string {
  const decoded = new TextDecoder("utf-8").decode(bytesOf(raw));
  return stripControls(decoded, max);
}

/** The same for text that is decoded already, such as the words of a certificate or of an error. */
export function stripControls(text: string, max = 200): string {
  const clean = text.replace(
    /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g,
    " ",
  );
  return clean.length > max ? `${clean.slice(0, max)}...` : clean;
}
