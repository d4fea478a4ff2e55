import assert from "node:assert/strict";
import { test } from "node:test";
import { parseSourceList, SourceListError } from "./source-list.ts";

test("a list has a source a line, comments and blanks; each source counts once", () => {
  const text = "# drop list\r\n192.0.2.1 # why\n\n  2001:DB8::1\n192.0.2.1\n198.51.100.7/24";
  assert.deepEqual(parseSourceList(text, "list"), ["192.0.2.1", "2001:db8::1", "198.51.100.0/24"]);
  assert.deepEqual(parseSourceList("", "list"), []);
});

test("a list with mistakes is refused whole, and each mistake has its line", () => {
  const text = ["192.0.2.1", "\u001b[31mx", "192.0.2.1 192.0.2.2", ...Array(20).fill("nobody")].join("\n");
  assert.throws(
    () => parseSourceList(text, "list"),
    (error) => {
      assert.ok(error instanceof SourceListError);
      const lines = error.message.split("\n");
      assert.equal(lines[0], 'list:2: "?[31mx" is no source');
      assert.equal(lines[1], 'list:3: "192.0.2.1 192.0.2.2" is no source');
      assert.equal(lines[10], "... and 12 more lines");
      assert.match(lines[11]!, /^Nothing was banned\. Accepted is an address or network/);
      return true;
    },
  );
});
