import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { formatNetwork } from "../../model/index.ts";
import { ownAddresses } from "./own-addresses.ts";

test("ownAddresses() has every address that ip(8) shows, so that no probe from here is anybody else's", () => {
  const shown = execFileSync("ip", ["-o", "addr", "show", "up"], { encoding: "utf8" })
    .split("\n")
    .flatMap((line) => / inet6? ([0-9a-f.:]+)\//.exec(line)?.[1] ?? []);
  const own = ownAddresses().map(formatNetwork);
  assert.ok(shown.length > 0);
  for (const address of shown) assert.ok(own.includes(address), address);
});
