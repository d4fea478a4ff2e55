// Goal: a full disk never stops the guarding, and no standing ban or allow entry is lost. Way: a real disk, a small
// tmpfs in a mount namespace of its own. It is filled to its last pages while a ledger is in use and before one is
// opened; another is read-only.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { LedgerHealth } from "./failure.ts";
import { tempPlace } from "./testing/ledger-kit.ts";

interface Picture {
  readonly health: LedgerHealth;
  readonly active: number;
  readonly history: number;
  readonly findings: number;
  readonly allowed: number;
  readonly evicted: number;
}

interface Freed {
  readonly full: Picture;
  readonly freed: Picture;
}

interface Result {
  readonly inUse: readonly (Freed & { readonly pages: number; readonly reopened: Picture })[];
  readonly first: Freed;
  readonly second: Freed;
  readonly beyond: Freed & { readonly reopened: Picture };
  readonly readOnly: {
    readonly refused: Picture;
    readonly freed: Picture;
    readonly reopened: Picture;
  } | null;
}

const PROGRAM = fileURLToPath(new URL("./testing/full-disk.ts", import.meta.url));

function runOnFullDisk(): Result | string {
  using place = tempPlace();
  const argv = ["--mount", "--propagation", "private", "--", process.execPath, PROGRAM];
  const folder = place.folder.replace(/\/state$/, "");
  const { status, stdout, stderr } = spawnSync("unshare", [...argv, folder], {
    encoding: "utf8",
    timeout: 30_000,
  });
  if (status === 77 || /unshare/.test(stderr)) return "cannot mount a disk of its own here";
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout);
}

/** A picture without `health`. */
function counts({ health: _, ...rest }: Picture): Omit<Picture, "health"> {
  return rest;
}

function assertWritten({ health }: Picture): void {
  assert.ok(health.ok, JSON.stringify(health));
}

function refusedIn(picture: Picture): LedgerHealth & { ok: false } {
  assert.ok(!picture.health.ok, JSON.stringify(picture));
  return picture.health;
}

describe("on a disk that refuses", () => {
  const result = runOnFullDisk();
  const skip = typeof result === "string" ? result : false;
  const on = (name: string, run: (result: Result, t: TestContext) => void) =>
    test(name, { skip }, (t) => {
      if (typeof result !== "string") run(result, t);
    });

  on(
    "all is answered from memory while it is full, and written once there is room, whatever was left",
    ({ inUse }, t) => {
      const all = { active: 550, history: 550, findings: 50, allowed: 1, evicted: 50 };
      for (const { pages, full, freed, reopened } of inUse) {
        assert.deepEqual(counts(full), all, `${pages} pages left: full`);
        assertWritten(freed);
        assert.deepEqual(counts(freed), all, `${pages} pages left: freed`);
        assert.deepEqual(counts(reopened), all, `${pages} pages left: opened again`);
      }
      const refused = inUse.filter(({ full }) => !full.health.ok);
      t.diagnostic(`${refused.length} of ${inUse.length} amounts of free space were too little`);
      assert.ok(refused.length >= 6);
    },
  );

  on("it says since when, how much waits, and what to do", ({ inUse }) => {
    const { failing, waiting, dropped, text } = refusedIn(inUse[0]!.full);
    assert.deepEqual({ failing, waiting, dropped }, { failing: "full", waiting: 651, dropped: 0 });
    assert.match(text, /ledger\.db cannot be written: the disk is full .*guarding goes on.*free space there/);
  });

  on(
    "a program that starts on a full disk guards, with the ledger of before and without one",
    ({ first, second }) => {
      assert.equal(refusedIn(first.full).failing, "full");
      assert.equal(first.full.active, 10);
      assertWritten(first.freed);
      assert.equal(first.freed.active, 10);
      refusedIn(second.full);
      assert.equal(second.full.active, 110);
      assert.equal(second.full.history, 110);
      assertWritten(second.freed);
      assert.equal(second.freed.active, 110);
    },
  );

  on(
    "what waits is bounded and what found no room is counted; what stands is written all the same",
    ({ beyond }) => {
      const { waiting, dropped } = refusedIn(beyond.full);
      assert.deepEqual({ waiting, dropped }, { waiting: 100, dropped: 100 });
      for (const picture of [beyond.full, beyond.freed, beyond.reopened]) assert.equal(picture.active, 170);
      assertWritten(beyond.freed);
    },
  );

  on("a read-only file system is read, and written once it can be", ({ readOnly }) => {
    if (readOnly === null) return;
    const { refused, freed, reopened } = readOnly;
    assert.equal(refusedIn(refused).failing, "read-only");
    for (const picture of [refused, freed, reopened]) {
      assert.equal(picture.active, 100);
      assert.equal(picture.history, 100);
    }
    assertWritten(freed);
  });
});
