// When somebody else changes the kernel's rules, ours are back within a second, with every ban; rules of others stay.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { until } from "../../lab/index.ts";
import { DaemonLab, isBanned, refused, ruleset, skipReason } from "./daemon-kit.ts";

/** The promise is one second; a shared machine gets extra time to list the rules. */
const BACK = { timeoutMs: 1500 };
const MANY = 40_000;

describe("the kernel's rules", { skip: skipReason() }, () => {
  let at: DaemonLab;
  const SOURCES = ["192.0.2.1", "192.0.2.2", "2001:db8:9::/64", "198.51.100.0/24"];
  const nft = (...args: string[]): Promise<string> => at.lab.victim.read(["nft", ...args]);
  const allBack = async (): Promise<boolean> => (await refused(at.lab)).bans.length === SOURCES.length;

  before(async () => {
    at = await DaemonLab.open();
    await at.place.start({ args: ["--enforce"] });
    await at.place.client.ban({ sources: SOURCES, for: "1h" });
    assert.ok(await allBack());
  });
  after(() => at?.[Symbol.asyncDispose]());

  for (const [what, command] of [
    ["the ruleset was flushed", ["flush", "ruleset"]],
    ["our table was deleted", ["delete", "table", "inet", "sockwarden"]],
    ["one element was deleted", ["delete", "element", "inet", "sockwarden", "ban4_32_all", "{ 192.0.2.1 }"]],
  ] as const) {
    test(`are back with every ban after ${what}, and it is told`, async () => {
      const { place } = at;
      const before = place.log().length;
      await nft(...command);
      await until(allBack, { what: "all bans to be back", ...BACK });
      await until(
        () =>
          /finding +somebody else changed the kernel's rules: .*brought back/.test(place.log().slice(before)),
        { what: "the finding", ...BACK },
      );
      assert.deepEqual((await place.client.read("status")).health, []);
    });
  }

  test("of others are left alone, and changes of theirs do not fill the log", async () => {
    const { lab, place } = at;
    const before = place.log().split("\n").length;
    await nft(
      "add table ip theirs { chain in { type filter hook input priority 0; ip saddr 203.0.113.9 drop; }; }",
    );
    const theirs = await nft("list", "table", "ip", "theirs");
    for (let i = 1; i <= 5; i++)
      await nft("add", "rule", "ip", "theirs", "in", "ip", "saddr", `203.0.113.1${i}`, "drop");
    await nft("delete table inet sockwarden");
    await until(allBack, { what: "all bans to be back", ...BACK });
    const now = await nft("list", "table", "ip", "theirs");
    assert.ok(now.startsWith(theirs.split("drop")[0]!), now);
    assert.equal(now.match(/drop/g)?.length, 6);
    assert.ok(place.log().split("\n").length - before <= 3, place.log());
    assert.equal((await ruleset(lab)).match(/^table /gm)?.length, 2);
  });

  test("take 40 000 bans from a file, one more at once, and give an answer all the while", async () => {
    const { lab, place } = at;
    await place.client.unban({ sources: "all" });
    const file = path.join(place.folder, "list.txt");
    const many = Array.from({ length: MANY }, (_, i) => `100.${64 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}`);
    writeFileSync(file, many.join("\n"));
    const banning = place.verb("ban", "--file", file, "--for", "1h");
    let done = false;
    void banning.finally(() => (done = true));
    let slowestMs = 0;
    while (!done) {
      const startedAt = performance.now();
      await place.client.read("status");
      slowestMs = Math.max(slowestMs, performance.now() - startedAt);
    }
    const { code, stdout, stderr } = await banning;
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^40000 sources banned/);
    assert.equal((await refused(lab)).bans.length, MANY);
    assert.equal((await place.client.read("status")).bans, MANY);
    assert.ok(slowestMs < 2000, `status took ${slowestMs} ms`);
    const lines = place
      .log()
      .split("\n")
      .filter((line) => / ban +/.test(line));
    assert.ok(lines.length < 30, `${lines.length} lines`);
    const startedAt = performance.now();
    await place.client.ban({ sources: ["192.0.2.99"] });
    const oneMs = performance.now() - startedAt;
    assert.ok(oneMs < 500, `${oneMs} ms`);
    assert.ok(await isBanned(lab, "192.0.2.99"));
    await nft("flush", "ruleset");
    await until(async () => (await refused(lab)).bans.length === MANY + 1, {
      what: "all of them",
      timeoutMs: 5000,
    });
    await place.client.unban({ sources: "all" });
    assert.deepEqual((await refused(lab)).bans, []);
    assert.deepEqual((await place.client.read("bans")).bans, []);
    assert.equal(await place.end(), 0);
  });
});
