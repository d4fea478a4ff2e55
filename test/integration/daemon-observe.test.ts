// A daemon that is not asked to enforce does nothing, and meets the same attack once it is.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { until } from "../../lab/index.ts";
import type { StatusDocument } from "../../src/client/index.ts";
import { DaemonLab, HOARD, held, isBanned, ruleset, skipReason } from "./daemon-kit.ts";

const SOON = { timeoutMs: 10_000 };

describe("a daemon that was not asked to enforce", { skip: skipReason() }, () => {
  let at: DaemonLab;
  let source: string;

  before(async () => {
    at = await DaemonLab.open();
    source = at.address();
  });
  after(() => at?.[Symbol.asyncDispose]());

  test("says what it would do to a hoarder, and leaves the kernel and every connection alone", async () => {
    const { lab, place } = at;
    await place.start();
    assert.equal(await place.json<StatusDocument>("status").then(({ mode }) => mode), "observe");
    const hoard = await at.hoard(HOARD, source);
    await place.says(new RegExp(`would ban ${source}`));
    await place.says(new RegExp(`would evict \\d+ connections of ${source}`));
    assert.equal(await ruleset(lab), "");
    assert.equal((await hoard.count()).lost, 0);
    assert.equal(await held(lab, source), HOARD);
    for (const line of place.log().split("\n")) {
      if (/\b(ban|cap|evict)/.test(line) && line.includes(source)) assert.match(line, /would/, line);
    }
    const { bans } = await place.json<{ bans: readonly { packets: number | null }[] }>("bans");
    assert.deepEqual(
      bans.map(({ packets }) => packets),
      [null],
    );
    const evict = await place.verb("evict", source);
    assert.equal(await held(lab, source), HOARD, evict.stdout);
    const ban = await place.verb("ban", "192.0.2.1");
    await place.says(/would ban 192\.0\.2\.1 /);
    assert.equal(await ruleset(lab), "", ban.stdout);
    assert.equal(await place.end(), 0);
    assert.equal((await hoard.count()).lost, 0);
  });

  test("leaves bans of observe behind when it is started again to enforce, and then bans and evicts the same hoarder", async () => {
    const { lab, place } = at;
    assert.equal(await held(lab, source), HOARD);
    await place.start({ args: ["--enforce"] });
    await until(() => isBanned(lab, source), { what: "the ban", ...SOON });
    await until(async () => (await held(lab, source)) === 0, { what: "the eviction", ...SOON });
    const line = await place.says(new RegExp(`banned ${source}`));
    assert.doesNotMatch(line, /would/);
    await place.says(new RegExp(`evicted ${HOARD} connections of ${source}`));
    assert.doesNotMatch(await ruleset(lab), /192\.0\.2\.1/);
    assert.equal(await place.end(), 0);
    assert.equal(await ruleset(lab), "");
  });

  test("with --enforce and no listener configured warns, watches all that it finds by name, and changes nothing", async () => {
    const { lab, place } = at;
    await place.start({ configuration: { listeners: undefined }, args: ["--enforce"] });
    await place.says(/warning +no listener is configured, so nothing is enforced/);
    const { mode, listeners } = await place.json<StatusDocument>("status");
    assert.equal(mode, "observe");
    assert.deepEqual(
      listeners.map(({ name }) => name.replace(/^.*:/, "COMM:")),
      ["COMM:5060"],
    );
    const hoard = await at.hoard(100);
    await until(
      async () =>
        (await place.client.read("status")).listeners.some(({ connections }) => connections === 100),
      { what: "the connections to be seen", ...SOON },
    );
    assert.equal(await ruleset(lab), "");
    assert.equal((await hoard.count()).lost, 0);
    assert.equal(await place.end(), 0);
  });
});
