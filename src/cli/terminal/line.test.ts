import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Paint } from "../output.ts";
import { singleWidth } from "../text/foreign.ts";
import { fitItems, isUtf8Locale, lineWidth, renderLine, shorten, styled } from "./line.ts";

const angles: Paint = (style, text) => `<${String(style)}>${text}</>`;

describe("renderLine()", () => {
  it("cuts the visible text and closes every colour", () => {
    const line = [styled("abc", "red"), styled("def"), styled("ghi", "dim")];
    assert.equal(renderLine(line, 9, angles), "<red>abc</>def<dim>ghi</>");
    assert.equal(renderLine(line, 4, angles), "<red>abc</>d");
    assert.equal(renderLine(line, 2, angles), "<red>ab</>");
    assert.equal(renderLine(line, 0, angles), "");
  });
});

describe("fitItems()", () => {
  it("leaves out the items worth least, and keeps the order", () => {
    const items = [
      { span: styled("first"), worth: 1 },
      { span: styled("second"), worth: 3 },
      { span: styled("third"), worth: 2 },
    ];
    const shown = (width: number): string => renderLine(fitItems(items, width), 99, angles);
    assert.equal(shown(20), "first  second  third");
    assert.equal(shown(19), "second  third");
    assert.equal(shown(6), "second");
    assert.equal(lineWidth(fitItems(items, 19)), 13);
  });
});

describe("singleWidth()", () => {
  it("lets no control character and nothing wide through", () => {
    assert.equal(singleWidth("\x1b[2Jköln 東京\u200b\u0301\u00ad😀\n", true), "?[2Jköln ???????");
    assert.equal(singleWidth("köln", false), "k?ln");
  });
});

describe("shorten()", () => {
  it("marks a cut", () => {
    assert.equal(shorten("abcdef", 6, "~"), "abcdef");
    assert.equal(shorten("abcdef", 4, "~"), "abc~");
    assert.equal(shorten("abcdef", 0, "~"), "");
  });
});

describe("isUtf8Locale()", () => {
  it("heeds LC_ALL before LC_CTYPE before LANG, and skips empty ones", () => {
    assert.equal(isUtf8Locale({ LANG: "de_DE.UTF-8" }), true);
    assert.equal(isUtf8Locale({ LANG: "de_DE.UTF-8", LC_CTYPE: "C" }), false);
    assert.equal(isUtf8Locale({ LANG: "C", LC_CTYPE: "C", LC_ALL: "C.utf8" }), true);
    assert.equal(isUtf8Locale({ LANG: "C.UTF-8", LC_ALL: "" }), true);
    assert.equal(isUtf8Locale({}), false);
  });
});
