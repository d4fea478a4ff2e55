import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { KEY_NAMES, type Key, type KeyName } from "../terminal/keys.ts";
import { INTERVALS_MS, initialView, press, type ViewState } from "./view-state.ts";

const EXTENT = { page: 10, total: 35 };

function pressAll(state: ViewState, ...keys: string[]): ViewState {
  return keys.reduce((view, key) => press(view, keyOf(key), EXTENT).state, state);
}

function keyOf(text: string): Key {
  const named = KEY_NAMES.includes(text as KeyName);
  return named ? { kind: "named", name: text as KeyName } : { kind: "text", text };
}

const start = initialView(1000);

describe("press()", () => {
  it("cycles through the orders, both ways, and reverses", () => {
    assert.equal(pressAll(start, "s").sort, "growth");
    assert.equal(pressAll(start, ">", ">").sort, "silent");
    assert.equal(pressAll(start, "<").sort, "source");
    assert.equal(pressAll(start, "s", "s", "s", "s").sort, "connections");
    assert.equal(pressAll(start, "r").reversed, true);
  });

  it("scrolls within the rows that there are", () => {
    assert.equal(pressAll(start, "down", "j", "up").offset, 1);
    assert.equal(pressAll(start, "up", "k", "pageUp").offset, 0);
    assert.equal(pressAll(start, "pageDown", "pageDown").offset, 20);
    assert.equal(pressAll(start, "end").offset, 25);
    assert.equal(pressAll(start, "end", "down", "pageDown").offset, 25);
    assert.equal(pressAll(start, "end", "home").offset, 0);
    assert.equal(pressAll(start, "end", "s").offset, 0);
  });

  it("applies a filter with Enter, and clears it with Esc, typed or applied", () => {
    const typing = pressAll(start, "/", "1", "0", "x", "backspace", ".");
    assert.equal(typing.prompt, "10.");
    assert.equal(typing.filter, "");
    const applied = pressAll(typing, "enter");
    assert.deepEqual([applied.prompt, applied.filter], [null, "10."]);
    assert.equal(pressAll(applied, "/").prompt, "10.");
    assert.deepEqual(pressAll(applied, "/", "escape").filter, "");
    assert.equal(pressAll(applied, "escape").filter, "");
  });

  it("takes letters as text while a filter is typed, and Ctrl-C as itself", () => {
    const typing = pressAll(start, "/", "q", "s", "p");
    assert.deepEqual([typing.prompt, typing.sort, typing.paused], ["qsp", "connections", false]);
    assert.equal(press(typing, keyOf("interrupt"), EXTENT).request, "quit");
  });

  it("keeps the interval between 0.2 s and 60 s", () => {
    assert.equal(pressAll(start, "+").intervalMs, 2000);
    assert.equal(pressAll(start, "-").intervalMs, 500);
    assert.equal(pressAll(start, ..."-".repeat(20)).intervalMs, INTERVALS_MS[0]);
    assert.equal(pressAll(start, ..."+".repeat(20)).intervalMs, INTERVALS_MS.at(-1));
    assert.equal(pressAll(initialView(1500), "-").intervalMs, 1000);
  });

  it("quits, suspends, pauses, helps, and turns listeners over", () => {
    assert.equal(press(start, keyOf("q"), EXTENT).request, "quit");
    assert.equal(press(start, keyOf("suspend"), EXTENT).request, "suspend");
    assert.equal(press(start, keyOf("repaint"), EXTENT).request, "repaint");
    assert.equal(pressAll(start, "p").paused, true);
    assert.equal(pressAll(start, " ", "p").paused, false);
    assert.equal(pressAll(start, "?").help, true);
    assert.equal(pressAll(start, "?", "escape").help, false);
    assert.equal(pressAll(start, "l").listeners, "only");
    assert.equal(pressAll(start, "l", "l").listeners, "none");
  });

  it("ignores what it does not know", () => {
    for (const key of ["x", "Z", "ö", "enter", "backspace", "clearLine"]) {
      assert.deepEqual(press(start, keyOf(key), EXTENT), { state: start, request: null });
    }
  });

  it("never leaves the bounds, whatever is pressed", () => {
    const key = fc.oneof(
      fc.constantFrom(...KEY_NAMES).map((name): Key => ({ kind: "named", name })),
      fc.string({ minLength: 1, maxLength: 1 }).map((text): Key => ({ kind: "text", text })),
    );
    fc.assert(
      fc.property(fc.array(key), fc.nat(50), fc.nat(50), (keys, page, total) => {
        let state = start;
        for (const one of keys) state = press(state, one, { page, total }).state;
        assert.ok(state.offset >= 0 && state.offset <= Math.max(0, total - page));
        assert.ok((state.prompt ?? "").length <= 60);
      }),
    );
  });
});
