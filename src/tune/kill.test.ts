// Goal: no moment at which a machine is lost. Way: a real process applies on a made-up tree and gets SIGKILL at random.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { rollbackTune } from "./rollback.ts";
import { diskMachine, placeOf } from "./testing/place.ts";
import { pictureOf } from "./testing/trees.ts";
import { DISK_TREE } from "./tree.ts";

const PROGRAM = fileURLToPath(new URL("./testing/slow-apply.ts", import.meta.url));
const ROUNDS = 16;
const MS_PER_CHANGE = 4;
const MS_ALL = 150;
const SEED = 20_261_122;

const root = diskMachine();
after(() => rmSync(root, { recursive: true, force: true }));

/** Numerical Recipes' generator: the same moments on every run. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Kills an apply some milliseconds after it began; true when it had not ended by then. */
async function applyAndKill(afterMs: number): Promise<boolean> {
  const child = spawn(process.execPath, [PROGRAM, root, String(MS_PER_CHANGE)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  const ended = new Promise((resolve) => child.once("close", resolve));
  await new Promise((resolve) => child.stdout.once("data", resolve));
  await sleep(afterMs);
  child.kill("SIGKILL");
  await ended;
  return !output.includes("done");
}

test(`apply gets SIGKILL at ${ROUNDS} random moments: each time rollback leaves the tree byte-identical`, async (t) => {
  const before = pictureOf(root);
  const random = randomFrom(SEED);
  let [stopped, changed] = [0, 0];
  for (let round = 0; round < ROUNDS; round++) {
    const afterMs = random() * MS_ALL;
    if (await applyAndKill(afterMs)) stopped++;
    if (pictureOf(root).join() !== before.join()) changed++;
    rollbackTune(placeOf(DISK_TREE, root), { force: false });
    assert.deepEqual(pictureOf(root), before, `killed after ${afterMs.toFixed(1)} ms, seed ${SEED}`);
  }
  t.diagnostic(`${stopped} of ${ROUNDS} stopped before their end, ${changed} of them with changes made`);
  assert.ok(stopped > ROUNDS / 3 && changed > ROUNDS / 3, `${stopped} stopped, ${changed} changed`);
});
