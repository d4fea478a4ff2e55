// The output of `allowlist`.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { AllowlistDocument } from "../../client/index.ts";
import { at } from "../daemon-verbs/testing/documents.ts";
import { noPaint } from "../output.ts";
import { assertGolden } from "../testing/golden.ts";
import { allowlistText } from "./text.ts";

const fixture = (name: string): URL => new URL(`./fixtures/${name}`, import.meta.url);

test("allowlist says who put what there", () => {
  const list: AllowlistDocument = {
    schema: 1,
    allow: [
      {
        source: "127.0.0.0/8",
        reason: "this host",
        connectionsPerSource: null,
        from: "protected",
        since: null,
      },
      {
        source: "192.0.2.0/24",
        reason: "carrier trunk",
        connectionsPerSource: 500,
        from: "configuration",
        since: null,
      },
      {
        source: "2001:db8::/64",
        reason: null,
        connectionsPerSource: null,
        from: "operator",
        since: at(-3600),
      },
    ],
  };
  assertGolden(allowlistText(list, noPaint), fixture("allowlist.txt"));
});

test("an empty allowlist says how to fill it", () => {
  assert.match(allowlistText({ schema: 1, allow: [] }, noPaint), /empty: `sockwarden allow SOURCE`/);
});
