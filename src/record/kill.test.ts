// Goal: a process killed at any moment leaves a ledger that opens. It has every ban that was answered for, and no half
// of a call. Way: a real process writes into four ledgers as fast as it can and gets SIGKILL at random, again and
// again. It has printed each ban that was answered for. The ledgers grow from round to round.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { formatNetwork } from "../model/index.ts";
import { LedgerError } from "./ledger-error.ts";
import { NOW, placeIn, sourceOf, tempPlace } from "./testing/ledger-kit.ts";

const WRITER = fileURLToPath(new URL("./testing/writer.ts", import.meta.url));
const LEDGERS = 4;
const ROUNDS = Number(process.env["SOCKWARDEN_KILLS"] ?? 6);
const BATCH = 7;
/** After this many rounds new ledgers are begun, because reading large ones takes most of the time. */
const ROUNDS_OF_A_LEDGER = 4;
const SEED = 20_261_122;

/** Numerical Recipes' generator: the same moments on every run. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function startWriter(folder: string, firsts: readonly number[]) {
  const args = [WRITER, folder, String(firsts.length), firsts.join(","), String(BATCH)];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "close");
  const lines: string[] = [];
  let rest = "";
  const allOpen = new Promise<void>((resolve) => {
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      const parts = (rest + text).split("\n");
      rest = parts.pop() ?? "";
      lines.push(...parts);
      if (lines.filter((line) => line.endsWith("open")).length === firsts.length) resolve();
    });
  });
  return { child, lines, ended, allOpen };
}

/** The number behind the last ban that was answered for, by ledger. */
async function writeAndKill(folder: string, firsts: readonly number[], afterMs: number): Promise<number[]> {
  const { child, lines, ended, allOpen } = startWriter(folder, firsts);
  await Promise.race([allOpen, ended]);
  await sleep(afterMs);
  child.kill("SIGKILL");
  await ended;
  return firsts.map((first, lane) => {
    const last = lines.findLast((line) => line.startsWith(`${lane} `) && !line.endsWith("open"));
    return last === undefined ? first : Number(last.split(" ")[1]);
  });
}

test(`${LEDGERS} writers get SIGKILL ${ROUNDS} times: no ban that was answered for is missing, none is half there`, async (t) => {
  const random = randomFrom(SEED);
  using place = tempPlace();
  let kept: number[] = [];
  let [bans, unanswered] = [0, 0];
  for (let round = 0; round < ROUNDS; round++) {
    if (round % ROUNDS_OF_A_LEDGER === 0) kept = Array.from({ length: LEDGERS }, () => 0);
    const folder = `${place.folder}/${Math.floor(round / ROUNDS_OF_A_LEDGER)}`;
    const afterMs = random() * 20;
    const answered = await writeAndKill(folder, kept, afterMs);
    kept = kept.map((before, lane) => {
      using ledger = placeIn(`${folder}/${lane}`, () => {}).open();
      const sources = new Set(ledger.activeBans(NOW).map(({ source }) => formatNetwork(source)));
      const where = `round ${round}, killed after ${afterMs.toFixed(1)} ms, seed ${SEED}`;
      assert.deepEqual(ledger.health(), { ok: true, dropped: 0, setAside: null }, where);
      for (let i = 0; i < answered[lane]!; i++)
        assert.ok(sources.has(sourceOf(i)), `${sourceOf(i)}: ${where}`);
      assert.equal(sources.size % BATCH, 0, `half of a call: ${where}`);
      assert.ok(sources.size >= answered[lane]! && sources.size <= answered[lane]! + BATCH, where);
      if (sources.size > answered[lane]!) unanswered++;
      bans += sources.size - before;
      return sources.size;
    });
  }
  t.diagnostic(
    `${ROUNDS * LEDGERS} ledgers looked at, ${bans} bans, ${unanswered} kills between a commit and its answer`,
  );
  assert.ok(bans > ROUNDS * LEDGERS * BATCH, `the writers wrote: ${bans} bans`);
});

test("a second process is refused and told who holds the ledger; killed, the holder blocks nobody", async (t) => {
  using place = tempPlace();
  const ledger = placeIn(`${place.folder}/0`, () => {});
  const { child, ended, allOpen } = startWriter(place.folder, [0]);
  t.after(() => child.kill("SIGKILL"));
  await Promise.race([allOpen, ended]);
  const inUse = (error: unknown) =>
    error instanceof LedgerError &&
    error.code === "held" &&
    error.message.includes(`in use by process ${child.pid}`);
  assert.throws(() => ledger.open(), inUse);
  child.kill("SIGKILL");
  await ended;
  assert.ok(existsSync(`${ledger.file}.holder`), "the dead holder's name is still there");
  using opened = ledger.open();
  assert.equal(opened.health().ok, true);
});
