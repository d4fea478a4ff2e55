// Bytes and text. A SIP message is read as a byte string: one character per byte, code points 0 to 255. Structure needs
// no more than that, nothing is lost, and UTF-8 is decoded only to be shown.

/** The byte string of some bytes. TextDecoder's latin1 would not do: it is windows-1252, which moves 0x80 to 0x9f. */
export function byteString(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

/** The bytes of a byte string. Characters above 255 are a mistake of the caller's. */
export function bytesOf(text: string): Uint8Array {
  if (/[^\x00-\xff]/.test(text))
    throw new RangeError(`not a byte string: ${JSON.stringify(text.slice(0, 100))}`);
  return new Uint8Array(Buffer.from(text, "latin1"));
}

/** A byte string of text in UTF-8, as it goes into a message. */
export function utf8ByteString(text: string): string {
  return byteString(new TextEncoder().encode(text));
}

/**
 * A peer's text, fit to be shown to a person: decoded as UTF-8, without anything a terminal would act on (C0, C1, DEL,
 * bidirectional overrides, line separators), and cut to `max` characters.
 */
export function displayText(raw: string, max = 200): string {
  const decoded = new TextDecoder("utf-8").decode(bytesOf(raw));
  return stripControls(decoded, max);
}

/** The same for decoded text, such as the words of a certificate or of an error. */
export function stripControls(text: string, max = 200): string {
  const clean = text.replace(
    /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g,
    " ",
  );
  return clean.length > max ? `${clean.slice(0, max)}...` : clean;
}
