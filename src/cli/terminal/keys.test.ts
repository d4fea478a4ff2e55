import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { decodeKeys, flushKeys, type Key } from "./keys.ts";

function names(keys: readonly Key[]): string[] {
  return keys.map((key) => (key.kind === "named" ? `<${key.name}>` : key.text));
}

function decode(text: string): string[] {
  return names(decodeKeys(Buffer.from(text)).keys);
}

/** Bytes as they arrive in pieces. */
function decodePieces(pieces: readonly Uint8Array[]): { keys: Key[]; rest: Uint8Array } {
  const keys: Key[] = [];
  let rest: Uint8Array = new Uint8Array(0);
  for (const piece of pieces) {
    const decoded = decodeKeys(Buffer.concat([rest, piece]));
    keys.push(...decoded.keys);
    rest = decoded.rest;
  }
  return { keys, rest };
}

const SEQUENCES: readonly (readonly [bytes: string, expected: readonly string[]])[] = [
  ["q/ö€😀", ["q", "/", "ö", "€", "😀"]],
  ["\x1b[A\x1b[B\x1b[H\x1b[F", ["<up>", "<down>", "<home>", "<end>"]],
  ["\x1bOA\x1bOB\x1bOH\x1bOF", ["<up>", "<down>", "<home>", "<end>"]],
  [
    "\x1b[5~\x1b[6~\x1b[1~\x1b[4~\x1b[7~\x1b[8~",
    ["<pageUp>", "<pageDown>", "<home>", "<end>", "<home>", "<end>"],
  ],
  ["\x1b[1;5A\x1b[5;2~", ["<up>", "<pageUp>"]],
  [
    "\x03\x1a\x0c\r\n\x7f\b\x15",
    [
      "<interrupt>",
      "<suspend>",
      "<repaint>",
      "<enter>",
      "<enter>",
      "<backspace>",
      "<backspace>",
      "<clearLine>",
    ],
  ],
  ["\x1b[15~\x1b[I\x1bOP\x1b[?1;2c\x1b[3~x", ["x"]],
  ["\x1bq", ["<escape>", "q"]],
  ["\x1b\x1b[A", ["<escape>", "<up>"]],
  ["\x1b[12\rq", ["<enter>", "q"]],
  ["\x00\x01\t", []],
];

describe("decodeKeys()", () => {
  for (const [bytes, expected] of SEQUENCES) {
    it(`reads ${JSON.stringify(bytes)} as ${expected.join(" ") || "nothing"}`, () => {
      assert.deepEqual(decode(bytes), expected);
    });
  }

  it("hands back a sequence that is not complete, and goes on with it", () => {
    for (const part of ["\x1b", "\x1b[", "\x1b[1;", "\x1bO", "\xc3", "\xf0\x9f"]) {
      const { keys, rest } = decodeKeys(Buffer.from(part, "latin1"));
      assert.deepEqual(keys, []);
      assert.deepEqual(Buffer.from(rest).toString("latin1"), part);
    }
    assert.deepEqual(names(decodePieces([Buffer.from("\x1b"), Buffer.from("["), Buffer.from("A")]).keys), [
      "<up>",
    ]);
  });

  it("drops broken UTF-8 and goes on behind it", () => {
    assert.deepEqual(names(decodeKeys(Buffer.from([0xff, 0xc3, 0x41, 0x80, 0xed, 0xa0, 0x80, 0x42])).keys), [
      "A",
      "B",
    ]);
  });

  it("gives the same keys however the bytes are cut, never throws, and keeps little", () => {
    const noise = fc.array(
      fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constantFrom(0x1b, 0x5b, 0x4f, 0x3b, 0x31, 0x7e, 0x41)),
      { maxLength: 200 },
    );
    fc.assert(
      fc.property(noise, fc.array(fc.nat(200)), (bytes, cuts) => {
        const at = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length];
        const pieces = at.slice(1).map((end, i) => Uint8Array.from(bytes.slice(at[i], end)));
        const whole = decodeKeys(Uint8Array.from(bytes));
        const cut = decodePieces(pieces);
        assert.deepEqual(cut.keys, whole.keys);
        assert.deepEqual([...cut.rest], [...whole.rest]);
        assert.ok(whole.rest.length <= 32);
      }),
      { numRuns: 1000 },
    );
  });
});

describe("flushKeys()", () => {
  it("takes an ESC that stays alone as a key, and drops other beginnings", () => {
    assert.deepEqual(names(flushKeys(Uint8Array.of(0x1b))), ["<escape>"]);
    assert.deepEqual(flushKeys(Buffer.from("\x1b[1")), []);
    assert.deepEqual(flushKeys(new Uint8Array(0)), []);
  });
});
