import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { SCENARIOS } from "../../../lab/index.ts";

test("every scenario of the catalogue has an id of its own and is played by one of these files", () => {
  const ids = SCENARIOS.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
  const texts = globSync("*.test.ts", { cwd: import.meta.dirname }).map((file) =>
    readFileSync(path.join(import.meta.dirname, file), "utf8"),
  );
  const played = texts.flatMap((text) =>
    [...text.matchAll(/"([AHO]\d+(?:-\w+)?)"/g)].map((match) => match[1]!),
  );
  assert.deepEqual(played.sort(), [...ids].sort());
});

test("every scenario says what must show without protection, and what must hold with it", () => {
  for (const { id, expect, title } of SCENARIOS) {
    assert.ok(title.length > 0, id);
    const { unprotected, protected: guarded, strict } = expect;
    for (const some of [unprotected ?? guarded, guarded, strict ?? guarded]) assert.ok(some.length > 0, id);
  }
});
