// A reload while the daemon guards: the changes in force at once, the settings that stay, and the words about them.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { until } from "../../lab/index.ts";
import type { CheckDocument } from "../../src/client/index.ts";
import { DaemonLab, held, isBanned, refused, ruleset, SIP, skipReason } from "./daemon-kit.ts";

const SOON = { timeoutMs: 10_000 };
const PATIENT = { ...SIP, limits: { unprovenPerSource: 500, unprovenPerNetwork: 500, speakWithin: "300ms" } };

describe("a reload", { skip: skipReason() }, () => {
  let at: DaemonLab;
  const healthCodes = async (): Promise<string[]> =>
    (await at.place.client.read("status")).health.map(({ code }) => code);

  before(async () => {
    at = await DaemonLab.open();
    await at.place.start({ configuration: { mode: "enforce", listeners: [PATIENT] } });
  });
  after(() => at?.[Symbol.asyncDispose]());

  test("by SIGHUP puts new limits in force at once, also for a source that already holds too much", async () => {
    const { lab, place } = at;
    const source = at.address();
    await at.hoard(40, source);
    await until(async () => (await place.client.read("status")).listeners[0]?.connections === 40, {
      what: "the connections to be seen",
      ...SOON,
    });
    assert.equal(await isBanned(lab, source), false);
    place.configure({ mode: "enforce" });
    place.signal("SIGHUP");
    await until(() => isBanned(lab, source), { what: "the ban", ...SOON });
    await until(async () => (await held(lab, source)) === 0, { what: "the eviction", ...SOON });
    await place.says(
      /reload +configuration read again by SIGHUP; changed: .*listeners\[sip\]\.limits\.unprovenPerSource/,
    );
  });

  test("of a wrong file changes nothing, names line and column, and is a health item until the file is right", async () => {
    const { lab, place } = at;
    const before = await refused(lab);
    place.write(`mode: observe\nlisteners:\n  - name: sip\n    ports: [many]\nsocket: ${place.socket}\n`);
    const wrong = await place.verb("reload", "--json");
    assert.equal(wrong.code, 2, wrong.stderr);
    const { ok, errors } = JSON.parse(wrong.stdout) as CheckDocument;
    assert.deepEqual([ok, errors[0]?.line, errors[0]?.column], [false, 4, 13]);
    await place.says(
      /reload +the configuration is wrong and the old one stays in force: \S+sockwarden\.yaml:4:13: /,
    );
    assert.deepEqual(await healthCodes(), ["configuration"]);
    assert.equal((await place.client.read("status")).mode, "enforce");
    assert.deepEqual(await refused(lab), before);
    place.configure({ mode: "enforce" });
    const right = await place.verb("reload");
    assert.deepEqual([right.code, right.stdout], [0, "The new configuration is in force.\n"]);
    assert.deepEqual(await healthCodes(), []);
  });

  test("names what only a restart can change, also when it is read again, and until it is taken back", async () => {
    const { place } = at;
    place.configure({ mode: "enforce", socket: `${place.socket}2`, http: { listen: "127.0.0.1:9475" } });
    assert.equal((await place.client.reload()).ok, true);
    assert.equal((await place.client.reload()).ok, true);
    const [item] = (await place.client.read("status")).health;
    assert.equal(item?.code, "restart-needed");
    assert.match(item!.text, /a restart is needed to apply: .*socket/);
    assert.match(item!.text, /http/);
    place.configure({ mode: "enforce" });
    assert.equal((await place.client.reload()).ok, true);
    assert.deepEqual(await healthCodes(), []);
  });

  test("takes listeners away and brings others, and bans of one that is gone disturb nobody", async () => {
    const { lab, place } = at;
    await place.client.ban({ sources: ["192.0.2.7"], listener: "sip" });
    await place.client.ban({ sources: ["192.0.2.8"] });
    place.configure({ mode: "enforce", listeners: [{ ...SIP, name: "phones" }] });
    assert.equal((await place.client.reload()).ok, true);
    await until(async () => /chain on_phones/.test(await ruleset(lab)), {
      what: "the new listener",
      ...SOON,
    });
    assert.doesNotMatch(await ruleset(lab), /on_sip/);
    assert.deepEqual(await healthCodes(), []);
    assert.equal(await isBanned(lab, "192.0.2.7"), false);
    assert.equal(await isBanned(lab, "192.0.2.8"), true);
    await lab.victim.read(["nft", "flush", "ruleset"]);
    await until(() => isBanned(lab, "192.0.2.8"), { what: "the ban to be back", timeoutMs: 1000 });
    assert.deepEqual(await healthCodes(), []);
    assert.match(await place.client.metrics(), /sockwarden_slots\{listener="phones"\}/);
    assert.doesNotMatch(await place.client.metrics(), /listener="sip"/);
    place.configure({ mode: "enforce" });
    assert.equal((await place.client.reload()).ok, true);
    await until(() => isBanned(lab, "192.0.2.7"), { what: "the ban of the listener that is back", ...SOON });
  });

  test("from nftables to ipset leaves nothing of the first, takes all bans along, and back again", async (t) => {
    const { lab, place } = at;
    if ((await lab.victim.run(["ipset", "list", "-n"])).code !== 0) return t.skip("no ipset here");
    await place.client.ban({ sources: ["192.0.2.31"], for: "1h" });
    place.configure({ mode: "enforce", enforce: { backend: "ipset" } });
    assert.equal((await place.client.reload()).ok, true);
    assert.doesNotMatch(await ruleset(lab), /table inet sockwarden/);
    assert.match(await lab.victim.read(["ipset", "list"]), /192\.0\.2\.31 timeout 3[56]\d\d/);
    assert.deepEqual(await healthCodes(), []);
    place.configure({ mode: "enforce" });
    assert.equal((await place.client.reload()).ok, true);
    assert.ok(await isBanned(lab, "192.0.2.31"));
    assert.equal(await lab.victim.read(["ipset", "list", "-n"]), "");
    await place.client.unban({ sources: "all" });
  });

  test("from enforce to observe and back: bans of observe never come up as real ones, real ones are back", async () => {
    const { lab, place } = at;
    await place.client.ban({ sources: ["192.0.2.41"], for: "1h" });
    place.configure({ mode: "observe" });
    assert.equal((await place.client.reload()).ok, true);
    assert.doesNotMatch(await ruleset(lab), /sockwarden/);
    assert.equal((await place.client.read("status")).mode, "observe");
    await place.client.ban({ sources: ["192.0.2.42"], for: "1h" });
    await place.says(/would ban 192\.0\.2\.42 /);
    const source = at.address();
    await at.hoard(40, source);
    await place.says(new RegExp(`would ban ${source}`));
    assert.doesNotMatch(await ruleset(lab), /sockwarden/);
    // A hoarder that has gone must leave nothing behind, either.
    place.configure({ mode: "enforce", listeners: [PATIENT] });
    assert.equal((await place.client.reload()).ok, true);
    assert.deepEqual((await refused(lab)).bans, ["192.0.2.41"]);
    assert.deepEqual(
      (await place.client.read("bans")).bans.map(({ source }) => source),
      ["192.0.2.41"],
    );
    assert.equal(await held(lab, source), 40);
    assert.equal(await place.end(), 0);
    assert.doesNotMatch(await ruleset(lab), /sockwarden/);
  });
});
