// Any bytes at all give a configuration or problems with a place, in bounded time; nothing is thrown.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import fc from "fast-check";
import { configExample } from "./example.ts";
import { type LoadedConfig, loadConfig, readConfigText } from "./load.ts";
import { configPlaces } from "./places.ts";
import { allSettings } from "./walk.ts";

const places = configPlaces(0, {});
const folder = mkdtempSync(path.join(tmpdir(), "sockwarden-fuzz-"));
after(() => rmSync(folder, { recursive: true, force: true }));

/** The settings without the words, so that a change hits a setting. */
const bare = configExample()
  .replace(/^( *)#(?=\S)/gm, "$1")
  .replace(/^ *#.*\n/gm, "")
  .replace(/\n{2,}/g, "\n");

function assertAnswer(loaded: LoadedConfig, lines: number): void {
  if (loaded.ok) {
    assert.ok(loaded.config.effective.size > 10);
    return;
  }
  assert.ok(loaded.errors.length >= 1 && loaded.errors.length <= 100);
  for (const { line, column, message } of loaded.errors) {
    assert.ok(line >= 1 && line <= lines && column >= 1, `${line}:${column} ${message}`);
    assert.ok(message.length > 0 && message.length < 600, message);
  }
}

function assertText(text: string): void {
  const began = process.cpuUsage();
  assertAnswer(readConfigText(text, "a.yaml", places), text.split("\n").length);
  // A thousand times what it takes: the bound is against quadratic and endless work, not slowness.
  assert.ok(process.cpuUsage(began).user < 5_000_000, "took more than 5 s of CPU time");
}

const CHARACTERS = [..." \n\t:-#[]{},&*!|>'\"%@`?~0159.eEoOxyamsdh/\\<=\u0000\u0085\u2028\ufeff\ud800ü"];
const noise = fc.array(fc.constantFrom(...CHARACTERS), { maxLength: 200 }).map((parts) => parts.join(""));

/** The example with a few places overwritten, taken out or filled in. */
const mutated = fc
  .array(
    fc.record({
      at: fc.nat(bare.length),
      away: fc.nat(40),
      put: fc.oneof(
        noise,
        fc.constantFrom("off", "null", "[]", "{}", "-1", "1e999", "0x7fffffffffffffff", "*a", "&a", ""),
      ),
    }),
    { minLength: 1, maxLength: 6 },
  )
  .map((edits) =>
    edits.reduce((text, { at, away, put }) => {
      const place = at % (text.length + 1);
      return text.slice(0, place) + put + text.slice(place + away);
    }, bare),
  );

test("mutated configurations give a configuration or places", () => {
  fc.assert(fc.property(mutated, assertText), { numRuns: 700 });
});

test("configurations cut off anywhere give a configuration or places", () => {
  fc.assert(
    fc.property(fc.nat(bare.length), (length) => assertText(bare.slice(0, length))),
    { numRuns: 150 },
  );
});

test("noise of YAML's own characters gives places", () => {
  fc.assert(fc.property(noise, assertText), { numRuns: 700 });
});

/** Values of any kind below real keys, as JSON, which is YAML. */
const keys = allSettings().map(({ name }) => name);
const anyJson = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom("5s", "off", "5%", "sip", "10.0.0.1", "::/0", null, true, 0, -1, 0.5, 1e300, "__proto__"),
    fc.string({ maxLength: 20 }),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...keys, "toString", "constructor"), tie("value"), { maxKeys: 5 }),
  ),
})).value;

test("values of any kind under real keys give a configuration or places", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...keys), anyJson, { maxKeys: 5 }), (value) =>
      assertText(JSON.stringify(value, null, 1)),
    ),
    { numRuns: 700 },
  );
});

test("files of any bytes give a configuration or places", () => {
  const file = path.join(folder, "c.yaml");
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      writeFileSync(file, bytes);
      assertAnswer(loadConfig({ file, uid: 0, env: {} }), bytes.length + 1);
    }),
    { numRuns: 300 },
  );
});
