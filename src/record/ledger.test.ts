import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, test } from "node:test";
import { ban, DAY, finding, MINUTE, NOW, network, sourceOf, tempPlace } from "./testing/ledger-kit.ts";

describe("a ledger", () => {
  test("is there after it was closed and opened again: bans, allow entries, findings, standings, events", () => {
    using place = tempPlace();
    const standing = {
      listener: "sip",
      source: "10.0.0.1",
      expected: 12.5,
      firstSeen: NOW - DAY,
      lastSeen: NOW,
    };
    const entry = { network: network("192.0.2.0/24"), reason: "trunk", connectionsPerSource: 500 };
    using first = place.open();
    first.addBans([ban(1), ban(2, { kind: "cap", listener: null })], "guard", NOW);
    first.allow(entry, "operator", NOW + 1);
    first.addFindings([finding("10.0.0.1")], NOW + 2);
    first.saveStandings([standing]);
    first.close();

    using again = place.open({ nowMs: NOW + MINUTE });
    assert.deepEqual(again.activeBans(NOW + MINUTE), [ban(1), ban(2, { kind: "cap", listener: null })]);
    assert.deepEqual(again.allowEntries(), [{ ...entry, by: "operator", since: NOW + 1 }]);
    assert.deepEqual(again.findings({ since: NOW, limit: 9 }), [{ ...finding("10.0.0.1"), at: NOW + 2 }]);
    assert.deepEqual(again.standings(), [standing]);
    assert.deepEqual(
      again.events(9).map(({ who, what, source, text }) => [who, what, source, text]),
      [
        ["operator", "allow", "192.0.2.0/24", "trunk"],
        ["guard", "cap", "10.0.0.2", "for 10m: 684 silent connections"],
        ["guard", "ban", "10.0.0.1", "for 10m: 684 silent connections"],
      ],
    );
    assert.deepEqual(again.health(), { ok: true, dropped: 0, setAside: null });
  });

  test("lets bans run out by themselves, and lifts bans when asked", () => {
    using place = tempPlace();
    using ledger = place.open();
    ledger.addBans([ban(1), ban(2, { until: NOW + MINUTE }), ban(3)], "guard", NOW);
    assert.equal(ledger.activeBans(NOW + MINUTE - 1).length, 3);
    assert.deepEqual(ledger.activeBans(NOW + MINUTE), [ban(1), ban(3)]);
    assert.deepEqual(ledger.liftBans([ban(3), ban(9)], NOW + MINUTE, "operator"), [ban(3)]);
    assert.deepEqual(ledger.activeBans(NOW + MINUTE), [ban(1)]);
  });

  test("knows a ban by source, listener and kind; a new term takes the place of the old one", () => {
    using place = tempPlace();
    using ledger = place.open();
    const longer = ban(1, { since: NOW + MINUTE, until: NOW + 30 * MINUTE });
    ledger.addBans([ban(1), ban(1, { kind: "cap" }), ban(1, { listener: null })], "guard", NOW);
    ledger.addBans([longer], "guard", NOW + MINUTE);
    assert.equal(ledger.activeBans(NOW + MINUTE).length, 3);
    assert.deepEqual(ledger.activeBans(NOW + 20 * MINUTE), [longer]);
  });

  test("counts a source's terms for escalation, but not the operator's, nor lifted ones", () => {
    using place = tempPlace();
    using ledger = place.open();
    const later = (hours: number) => ({
      since: NOW + hours * 60 * MINUTE,
      until: NOW + (hours * 60 + 10) * MINUTE,
    });
    ledger.addBans([ban(1), ban(2), ban(3, { rule: "operator" })], "guard", NOW);
    ledger.addBans([ban(1, later(1)), ban(2, later(1))], "guard", NOW + 60 * MINUTE);
    ledger.liftBans([ban(2)], NOW + 61 * MINUTE, "operator");
    assert.deepEqual(ledger.banHistory(NOW), [
      { source: sourceOf(1), bans: 2, lastAt: later(1).since },
      { source: sourceOf(2), bans: 1, lastAt: NOW },
    ]);
    assert.deepEqual(ledger.banHistory(NOW + 1), [{ source: sourceOf(1), bans: 1, lastAt: later(1).since }]);
    const forgetful = () => 0;
    assert.equal(ledger.banHistory(NOW, forgetful)[0]?.bans, 1);
  });

  test("sums evictions by the minute and tells how many fell to a ban", () => {
    using place = tempPlace();
    const entry = { source: network("10.0.0.1"), listener: "sip", rule: "unproven-per-source" } as const;
    using ledger = place.open();
    for (let i = 0; i < 600; i++) ledger.addEviction({ ...entry, count: 2, at: NOW + i * 100 });
    ledger.addEviction({ ...entry, count: 5, at: NOW - 2 * MINUTE });
    ledger.addEviction({ ...entry, listener: "mqtt", count: 7, at: NOW });
    assert.equal(ledger.evictedOf(ban(1)), 1200);
    assert.equal(ledger.evictedOf(ban(1, { listener: null })), 1207);
    assert.equal(ledger.evictedOf(ban(2)), 0);
    ledger.close();
    using db = new DatabaseSync(place.file, { readOnly: true });
    assert.equal(db.prepare("SELECT count(*) AS n FROM evictions").get()?.["n"], 3);
  });

  test("finds findings by source and time, the latest first, at most as many as asked for", () => {
    using place = tempPlace();
    using ledger = place.open();
    for (let i = 0; i < 10; i++) ledger.addFindings([finding(sourceOf(i % 2)), finding(null)], NOW + i);
    const ats = (query: { since: number; source?: string; limit: number }) =>
      ledger.findings(query).map(({ at }) => at - NOW);
    assert.deepEqual(ats({ since: NOW + 8, limit: 9 }), [9, 9, 8, 8]);
    assert.deepEqual(ats({ since: NOW, source: sourceOf(1), limit: 3 }), [9, 7, 5]);
  });

  test("keeps a ban of a rule that only another version has, and the rule's name on disk", () => {
    using place = tempPlace();
    const begun = { bootId: "first boot", bootMs: () => 1000 };
    using first = place.open(begun);
    first.addBans([ban(1)], "guard", NOW);
    first.addFindings([finding("10.0.0.1")], NOW);
    first.close();
    using db = new DatabaseSync(place.file);
    for (const table of ["bans", "findings"]) db.prepare(`UPDATE ${table} SET rule = 'later-rule'`).run();
    db.close();

    using ledger = place.open({ ...begun, bootId: "second boot" });
    assert.deepEqual(ledger.activeBans(NOW), [ban(1, { rule: "unknown" })]);
    assert.equal(ledger.findings({ since: NOW, limit: 1 })[0]?.rule, "later-rule");
    assert.equal(ledger.banHistory(NOW)[0]?.bans, 1);
    ledger.prune(NOW);
    ledger.close();
    using again = new DatabaseSync(place.file, { readOnly: true });
    assert.deepEqual(
      { ...again.prepare("SELECT rule, boot FROM bans").get() },
      { rule: "later-rule", boot: "second boot" },
    );
  });

  test("forgets an allow entry that is taken away, and says whether there was one", () => {
    using place = tempPlace();
    using ledger = place.open();
    const entry = { network: network("2001:db8::/48"), reason: null, connectionsPerSource: null };
    ledger.allow(entry, "operator", NOW);
    assert.equal(ledger.disallow(entry.network, "operator", NOW), true);
    assert.equal(ledger.disallow(entry.network, "operator", NOW), false);
    assert.deepEqual(ledger.allowEntries(), []);
  });

  test("makes its folder for its owner alone, and its files, too", () => {
    using place = tempPlace();
    using ledger = place.open();
    ledger.addBans([ban(1)], "guard", NOW);
    const modeOf = (name: string) => (statSync(name).mode & 0o777).toString(8);
    assert.equal(modeOf(place.folder), "700");
    for (const name of readdirSync(place.folder))
      assert.equal(modeOf(path.join(place.folder, name)), "600", name);
    assert.ok(readdirSync(place.folder).includes("ledger.db-wal"));
  });
});

describe("a ban's time", () => {
  test("goes on by the boot clock when the wall clock is set and the program starts again", () => {
    using place = tempPlace();
    using first = place.open({ bootId: "a", bootMs: () => 100_000 });
    first.addBans([ban(1)], "guard", NOW);
    first.close();
    for (const jump of [-DAY, 0, 3600_000, 400 * DAY]) {
      const nowMs = NOW + 4 * MINUTE + jump;
      using again = place.open({ nowMs, bootId: "a", bootMs: () => 100_000 + 4 * MINUTE });
      assert.deepEqual(
        again.activeBans(nowMs).map(({ since, until }) => [since - nowMs, until - nowMs]),
        [[-4 * MINUTE, 6 * MINUTE]],
        `set by ${jump} ms`,
      );
    }
  });

  test("goes on when the wall clock is set while the program runs", () => {
    using place = tempPlace();
    let bootMs = 0;
    using ledger = place.open({ bootId: "a", bootMs: () => bootMs });
    ledger.addBans([ban(1)], "guard", NOW);
    bootMs = 9 * MINUTE;
    assert.equal(ledger.activeBans(NOW + 400 * DAY).length, 1);
    ledger.prune(NOW + 400 * DAY);
    assert.equal(ledger.activeBans(NOW + 400 * DAY).length, 1, "prune() never takes what stands");
    bootMs = 10 * MINUTE;
    assert.deepEqual(ledger.activeBans(NOW), []);
  });

  test("is the wall clock's after a reboot, and the new boot's clock's from then on", () => {
    using place = tempPlace();
    using first = place.open({ bootId: "a", bootMs: () => 9e9 });
    first.addBans([ban(1)], "guard", NOW);
    first.close();
    const nowMs = NOW + 4 * MINUTE;
    using rebooted = place.open({ nowMs, bootId: "b", bootMs: () => 0 });
    assert.deepEqual(rebooted.activeBans(nowMs), [ban(1)]);
    rebooted.close();
    const set = nowMs + 50 * DAY;
    using again = place.open({ nowMs: set, bootId: "b", bootMs: () => MINUTE });
    const late = (again.activeBans(set)[0]?.until ?? 0) - set - 5 * MINUTE;
    // The made-up boot clock stood still while the ledger was opened.
    assert.ok(Math.abs(late) < 2000, `off by ${late} ms`);
  });

  test("is never longer than its term if the clock begins in 1970, and an ended ban stays ended", () => {
    using place = tempPlace();
    using first = place.open({ bootId: "a", bootMs: () => 0 });
    first.addBans([ban(1, { until: NOW + MINUTE })], "guard", NOW);
    first.addBans([ban(2)], "guard", NOW);
    first.close();
    using later = place.open({ nowMs: NOW + 2 * MINUTE, bootId: "a", bootMs: () => 2 * MINUTE });
    later.prune(NOW + 2 * MINUTE);
    later.close();
    using rebooted = place.open({ nowMs: 0, bootId: "b", bootMs: () => 0 });
    assert.deepEqual(
      rebooted.activeBans(0).map(({ source, until }) => [source, until]),
      [[network(sourceOf(2)), 10 * MINUTE]],
    );
  });
});

describe("prune()", () => {
  test("uses the retention that was set last", () => {
    using place = tempPlace();
    using ledger = place.open();
    ledger.addFindings([finding("192.0.2.1", "old")], NOW);
    assert.equal(ledger.prune(NOW + 2 * DAY), 0);
    ledger.keepFor(DAY);
    assert.equal(ledger.prune(NOW + 2 * DAY), 1);
    assert.deepEqual(ledger.findings({ since: 0, limit: 9 }), []);
  });

  test("removes rows that ended before the retention, and leaves no address in any file", () => {
    using place = tempPlace();
    const secret = "203.0.113.77";
    using ledger = place.open();
    for (let i = 0; i < 500; i++) {
      const source = network(`203.0.113.${i % 250}`);
      ledger.addBans([ban(0, { source, since: NOW + i, reason: `${secret} held 684` })], "guard", NOW);
      ledger.addEviction({ source, listener: "sip", rule: "overdue", count: 1, at: NOW });
      ledger.addFindings([finding(secret, `${secret} holds 684`)], NOW);
      ledger.saveStandings([{ listener: "sip", source: secret, expected: i, firstSeen: NOW, lastSeen: NOW }]);
    }
    ledger.addBans([ban(1, { until: NOW + 400 * DAY })], "guard", NOW);
    const bytes = () =>
      Buffer.concat(readdirSync(place.folder).map((name) => readFileSync(path.join(place.folder, name))));
    const late = NOW + 91 * DAY;
    ledger.close();
    assert.ok(bytes().includes(secret), "it was there before");
    using again = place.open({ nowMs: late });
    while (again.prune(late) > 0);
    assert.deepEqual(
      again.activeBans(late).map(({ source }) => source),
      [network(sourceOf(1))],
    );
    assert.deepEqual(again.findings({ since: 0, limit: 9 }), []);
    assert.deepEqual(again.standings(), []);
    // This process must not read the file while it is open: the first close() would give up its POSIX locks.
    again.close();
    assert.ok(!bytes().includes("203.0.113."), "no address is left");
  });

  test("takes a bounded part a call, and gives the space back", () => {
    using place = tempPlace();
    using ledger = place.open();
    ledger.addFindings(
      Array.from({ length: 12_000 }, () => finding("10.0.0.1")),
      NOW,
    );
    const late = NOW + 91 * DAY;
    assert.equal(ledger.prune(late), 5000);
    const rows = [ledger.prune(late), ledger.prune(late), ledger.prune(late)];
    assert.deepEqual(rows, [5000, 2000, 0]);
    ledger.close();
    assert.ok(statSync(place.file).size < 200_000, `${statSync(place.file).size} bytes`);
  });
});

test("40 000 bans are kept in one go, and read back", () => {
  using place = tempPlace();
  using ledger = place.open();
  const bans = Array.from({ length: 40_000 }, (_, i) => ban(i));
  ledger.addBans(bans, "guard", NOW);
  ledger.close();
  using again = place.open();
  assert.equal(again.activeBans(NOW).length, 40_000);
});
