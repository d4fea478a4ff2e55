// The news of a guard reaches the ledger only as what was done.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { News } from "../guard/index.ts";
import { type Ban, parseNetwork } from "../model/index.ts";
import { takeNews } from "./news-desk.ts";
import { NOW, startCore } from "./testing/core.ts";

const SOURCE = parseNetwork("203.0.113.9")!;
const BAN: Ban = {
  ...{ source: SOURCE, listener: "sip", kind: "ban", reason: "a test", rule: "rise" },
  ...{ since: NOW, until: NOW + 600_000 },
};

function news(observes: boolean): News {
  return {
    observes,
    scanned: null,
    findings: [],
    bans: [BAN],
    evictions: [{ source: SOURCE, listener: "sip", rule: "rise", count: 7 }],
    health: [],
    scans: 1,
    cpuMs: 1,
  };
}

test("news of before a change to enforce tell what would have been done, and leave no record", async (t) => {
  const { core, ledger, told } = await startCore(t, {
    mode: "enforce",
    listeners: [{ name: "sip", ports: [5060] }],
  });
  takeNews(core, news(true), null);
  assert.deepEqual(
    told.map(({ event, text }) => `${event}: ${text.split(" ").slice(0, 2).join(" ")}`),
    ["ban: would ban", "evict: would evict"],
  );
  assert.deepEqual([ledger.activeBans(core.now()), ledger.evictedOf(BAN)], [[], 0]);
  takeNews(core, news(false), null);
  assert.deepEqual([ledger.activeBans(core.now()).length, ledger.evictedOf(BAN)], [1, 7]);
});
