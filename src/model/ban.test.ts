import assert from "node:assert/strict";
import { test } from "node:test";
import { type BanKey, banKeyText } from "./ban.ts";
import { parseNetwork } from "./source.ts";

const key = (source: string, listener: string | null = null, kind: BanKey["kind"] = "ban"): BanKey => ({
  source: parseNetwork(source)!,
  listener,
  kind,
});

test("banKeyText() is equal for one source, listener and kind, and for no other", () => {
  const different = [
    key("10.0.0.1"),
    key("10.0.0.1", null, "cap"),
    key("10.0.0.1", "sip"),
    key("10.0.0.1", "*"),
    key("10.0.0.0/24"),
    key("10.0.0.0/25"),
    key("::a00:1"),
    key("2001:db8::/64"),
    key("2001:db8::/48"),
  ];
  assert.equal(new Set(different.map(banKeyText)).size, different.length);
  assert.equal(banKeyText(key("::ffff:10.0.0.1")), banKeyText(key("10.0.0.1/32")));
});
