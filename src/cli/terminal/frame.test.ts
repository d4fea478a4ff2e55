import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { stripVTControlCharacters } from "node:util";
import fc from "fast-check";
import { drawFrame, type Frame } from "./frame.ts";

/** A terminal with wrapping off, that knows what drawFrame() uses. */
class Screen {
  readonly rows: string[][];
  readonly #width: number;
  #row = 0;
  #column = 0;

  constructor({ width, height }: Frame, filling: string) {
    this.#width = width;
    this.rows = Array.from({ length: height }, () => new Array<string>(width).fill(filling));
  }

  write(output: string): void {
    for (const [token] of output.matchAll(/\x1b\[[0-9;?]*[a-zA-Z]|[^\x1b]/gu)) this.#apply(token);
  }

  #apply(token: string): void {
    const row = this.rows[this.#row]!;
    const position = /^\x1b\[(\d+);(\d+)H$/.exec(token);
    if (position !== null) {
      this.#row = Number(position[1]) - 1;
      this.#column = Number(position[2]) - 1;
    } else if (token === "\x1b[K") {
      row.fill(" ", this.#column);
    } else if (!token.startsWith("\x1b")) {
      row[this.#column] = token;
      this.#column = Math.min(this.#column + 1, this.#width - 1);
    }
  }

  lines(): string[] {
    return this.rows.map((row) => row.join("").trimEnd());
  }
}

const WIDTH = 12;
const line = fc
  .array(fc.constantFrom("a", "b", " ", "█", "\x1b[31mr\x1b[39m", "\x1b[1mB\x1b[22m"), { maxLength: WIDTH })
  .map((parts) => parts.join(""));
const frame = fc
  .array(line, { minLength: 5, maxLength: 5 })
  .map((lines): Frame => ({ width: WIDTH, height: lines.length, lines }));

function shownBy({ lines }: Frame): string[] {
  return lines.map((text) => stripVTControlCharacters(text).trimEnd());
}

describe("drawFrame()", () => {
  it("makes a screen show the frame, from whatever it showed before", () => {
    fc.assert(
      fc.property(fc.array(frame, { minLength: 1, maxLength: 6 }), (frames) => {
        const screen = new Screen(frames[0]!, "?");
        let shown: Frame | null = null;
        for (const next of frames) {
          screen.write(drawFrame(shown, next));
          assert.deepEqual(screen.lines(), shownBy(next));
          shown = next;
        }
      }),
    );
  });

  it("sends nothing where nothing has changed, and only the line that has", () => {
    const first: Frame = { width: 5, height: 2, lines: ["one", "two"] };
    assert.equal(drawFrame(first, { ...first, lines: [...first.lines] }), "");
    const next: Frame = { ...first, lines: ["one", "2"] };
    assert.equal(drawFrame(first, next), "\x1b[?2026h\x1b[2;1H2\x1b[K\x1b[?2026l");
  });

  it("draws everything anew when the size has changed", () => {
    const first: Frame = { width: 5, height: 1, lines: ["one"] };
    assert.match(drawFrame(first, { ...first, width: 6 }), /one/);
  });

  it("does not erase behind a line that fills the screen's width", () => {
    assert.doesNotMatch(drawFrame(null, { width: 3, height: 1, lines: ["\x1b[1mone\x1b[22m"] }), /\x1b\[K/);
  });
});
