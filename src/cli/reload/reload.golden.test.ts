// The output of `reload`.

import assert from "node:assert/strict";
import { test } from "node:test";
import { at } from "../daemon-verbs/testing/documents.ts";
import { assertGolden } from "../testing/golden.ts";
import { reloadText } from "./text.ts";

const fixture = (name: string): URL => new URL(`./fixtures/${name}`, import.meta.url);

test("reload lists the mistakes, and says that the old configuration stays", () => {
  const error = { file: "/etc/sockwarden/sockwarden.yaml", line: 3, column: 7 };
  const text = reloadText({
    schema: 1,
    ok: false,
    errors: [
      { ...error, key: "mode", message: '"enforced" is not accepted', accepted: "observe, enforce" },
      { ...error, key: "", message: "this is no YAML", accepted: "" },
    ],
  });
  assertGolden(`${text}\n\n${reloadText({ schema: 1, ok: true, errors: [] })}`, fixture("reload.txt"));
});

test("a reload that takes a restart for some of it says so", () => {
  const text = "a restart is needed to apply: stateDir";
  const health = [{ severity: "notice", code: "restart-needed", since: at(0), text }] as const;
  assert.equal(
    reloadText({ schema: 1, ok: true, errors: [] }, health),
    "The new configuration is in force, but not all of it: a restart is needed to apply: stateDir.",
  );
});
