// Goal: the guard goes on and is told, whatever the disk does. Way: files damaged in several ways, at rest and in use,
// and a file that a later release wrote.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { closeSync, mkdirSync, openSync, readdirSync, statSync, writeFileSync, writeSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, test } from "node:test";
import { LedgerError } from "./ledger-error.ts";
import { runSql } from "./run-sql.ts";
import { ban, DAY, finding, NOW, network, type Place, tempPlace } from "./testing/ledger-kit.ts";

/**
 * Overwrites part of a closed ledger. On an open one, opening and closing the file here would give up this process's
 * lock.
 */
function scribble(file: string, from: number, bytes: number): void {
  const fd = openSync(file, "r+");
  writeSync(fd, Buffer.alloc(bytes, 0x5a), 0, bytes, from);
  closeSync(fd);
}

function filled(place: Place, bans = 300): void {
  using ledger = place.open();
  ledger.addBans(
    Array.from({ length: bans }, (_, i) => ban(i)),
    "guard",
    NOW,
  );
}

const asideIn = ({ folder }: Place) => readdirSync(folder).filter((name) => name.includes(".corrupt-"));

describe("a damaged ledger", () => {
  const damages: readonly [string, (file: string) => void][] = [
    ["its first bytes are others", (file) => scribble(file, 0, 64)],
    ["pages in its midst are others", (file) => scribble(file, 8192, 20_000)],
    ["it is text", (file) => writeFileSync(file, "bans: none\n".repeat(500))],
    ["it ends in the midst of a page", (file) => writeFileSync(file, Buffer.alloc(3000, 1))],
  ];
  for (const [how, damage] of damages) {
    test(`is set aside and a new one begun: ${how}`, () => {
      using place = tempPlace();
      filled(place);
      damage(place.file);
      const size = statSync(place.file).size;
      using ledger = place.open();
      assert.deepEqual(ledger.activeBans(NOW), []);
      const [aside, ...others] = asideIn(place);
      assert.deepEqual(others, []);
      assert.equal(statSync(path.join(place.folder, aside!)).size, size, "as it was");
      assert.deepEqual(ledger.health(), { ok: true, dropped: 0, setAside: path.join(place.folder, aside!) });
      ledger.addBans([ban(1)], "guard", NOW);
      ledger.close();
      using again = place.open();
      assert.deepEqual(again.activeBans(NOW), [ban(1)]);
    });
  }

  test("that is another program's file is set aside, too", () => {
    using place = tempPlace();
    mkdirSync(place.folder);
    using db = new DatabaseSync(place.file);
    runSql(db, "CREATE TABLE contacts (name TEXT)");
    db.close();
    using ledger = place.open();
    assert.equal(ledger.health().ok, true);
    assert.equal(asideIn(place).length, 1);
  });

  test("is not kept for longer than its rows would be", () => {
    using place = tempPlace();
    filled(place);
    scribble(place.file, 0, 64);
    using ledger = place.open();
    const [aside] = asideIn(place);
    ledger.prune(statSync(path.join(place.folder, aside!)).mtimeMs + 91 * DAY);
    assert.deepEqual(asideIn(place), []);
  });
});

test("a file that is damaged in use is set aside: all that stands is in the new one", () => {
  using place = tempPlace();
  filled(place, 30_000);
  using ledger = place.open();
  ledger.allow(
    { network: network("192.0.2.0/24"), reason: null, connectionsPerSource: null },
    "operator",
    NOW,
  );
  // Another process writes into the file, so that this one keeps its lock.
  const script =
    "const fs = require('fs'); const fd = fs.openSync(process.argv[1], 'r+'); fs.writeSync(fd, Buffer.alloc(3000000, 90), 0, 3000000, 4096)";
  run(process.execPath, ["-e", script, place.file]);
  ledger.addFindings([finding("10.0.0.1")], NOW);
  ledger.addBans([ban(50_000)], "guard", NOW);
  ledger.liftBans([ban(0)], NOW, "operator");
  for (let i = 0; i < 3 && asideIn(place).length === 0; i++) {
    ledger.banHistory(0);
    ledger.events(1000);
    ledger.prune(NOW);
  }
  assert.equal(asideIn(place).length, 1, "it was noticed");
  assert.equal(ledger.health().ok, true);
  assert.equal(ledger.activeBans(NOW).length, 30_000);
  ledger.close();
  using again = place.open();
  assert.equal(again.activeBans(NOW).length, 30_000);
  assert.equal(again.allowEntries().length, 1);
});

test("prune() notices a file that is removed in use, and all that stands is in a new one", () => {
  using place = tempPlace();
  let now = 0;
  using ledger = place.open({ monotonicMs: () => now });
  ledger.addBans([ban(1), ban(2)], "guard", NOW);
  run("rm", [place.file]);
  ledger.prune(NOW);
  const health = ledger.health();
  assert.ok(!health.ok);
  assert.match(health.text, /was removed or replaced; a new one is begun/);
  now += 60_000;
  assert.equal(ledger.health().ok, true);
  ledger.close();
  using again = place.open();
  assert.deepEqual(again.activeBans(NOW), [ban(1), ban(2)]);
});

test("a ledger of a later release is refused, and left as it is", () => {
  using place = tempPlace();
  filled(place, 1);
  using db = new DatabaseSync(place.file);
  runSql(db, "PRAGMA user_version = 99");
  db.close();
  const isNewer = (error: unknown) => error instanceof LedgerError && error.code === "newer";
  assert.throws(() => place.open(), isNewer);
  assert.deepEqual(asideIn(place), []);
});

test("a folder that cannot be made does not stop the guarding: all is kept in memory, told, and written once it can be", () => {
  using place = tempPlace();
  mkdirSync(path.dirname(place.folder), { recursive: true });
  writeFileSync(place.folder, "a file where the folder should be");
  let now = 0;
  using ledger = place.open({ monotonicMs: () => now });
  ledger.addBans([ban(1), ban(2)], "guard", NOW);
  ledger.liftBans([ban(2)], NOW, "operator");
  const health = ledger.health();
  assert.ok(!health.ok);
  assert.equal(health.waiting, 3);
  assert.match(health.text, /cannot be written: .*guarding goes on, 3 entries wait in memory/);
  assert.equal(ledger.banHistory(0).length, 1);
  run("rm", [place.folder]);
  now += 60_000;
  assert.deepEqual(ledger.activeBans(NOW), [ban(1)]);
  assert.equal(ledger.health().ok, true);
  ledger.close();
  using again = place.open();
  assert.deepEqual(again.activeBans(NOW), [ban(1)]);
});

test("using a ledger after close() is a mistake that is told", () => {
  using place = tempPlace();
  using ledger = place.open();
  ledger.close();
  assert.throws(() => ledger.addBans([ban(1)], "guard", NOW), /it has been closed/);
});

function run(program: string, args: readonly string[]): void {
  const { status, stderr } = spawnSync(program, args, { encoding: "utf8", timeout: 10_000 });
  assert.equal(status, 0, stderr);
}
