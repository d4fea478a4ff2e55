// A process that keeps bans and prints each batch once it is kept, until it is killed. Usage: writer.ts FOLDER LEDGERS
// FIRST BATCH. Each ledger has a thread of its own and a folder named after its number, so that a kill stops several
// writers at once. Prints `LEDGER open` when one is held. Then prints `LEDGER N` for every call that returned, with the
// number behind its last ban.

import { writeSync } from "node:fs";
import { isMainThread, Worker, workerData } from "node:worker_threads";
import { openLedger } from "../index.ts";
import { ban, DAY, NOW } from "./ledger-kit.ts";

interface Lane {
  readonly folder: string;
  readonly lane: number;
  readonly first: number;
  readonly batch: number;
}

function keep({ folder, lane, first, batch }: Lane): void {
  const ledger = openLedger({ path: `${folder}/${lane}/ledger.db`, retentionMs: 90 * DAY, nowMs: NOW });
  const tell = (text: string) => print(`${lane} ${text}\n`);
  tell("open");
  for (let next = first; ; next += batch) {
    const bans = Array.from({ length: batch }, (_, i) => ban(next + i));
    ledger.addBans(bans, "guard", NOW);
    tell(String(next + batch));
  }
}

/** Prints a line in one call of write(2), so that no line is half there. The pipe may be full for a while. */
function print(line: string): void {
  for (;;) {
    try {
      writeSync(1, line);
      return;
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EAGAIN")) throw error;
    }
  }
}

if (isMainThread) {
  const [folder, ledgers, first, batch] = process.argv.slice(2);
  for (let lane = 0; lane < Number(ledgers); lane++) {
    const data: Lane = {
      folder: folder!,
      lane,
      first: Number(first!.split(",")[lane]),
      batch: Number(batch),
    };
    new Worker(new URL(import.meta.url), { workerData: data });
  }
} else {
  keep(workerData as Lane);
}
