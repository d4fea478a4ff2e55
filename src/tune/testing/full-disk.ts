// A process in a mount namespace of its own that applies on a disk with ever more space left: full-disk.ts FOLDER
// Prints, for each number of free pages, the error and whether the tree was as before once all was said and done.

import { spawnSync } from "node:child_process";
import { rmSync, statfsSync, writeFileSync } from "node:fs";
import { applyTune } from "../apply.ts";
import { rollbackTune } from "../rollback.ts";
import { DISK_TREE } from "../tree.ts";
import { diskMachine, NOW, placeOf, tunedFacts, tunedPlan } from "./place.ts";
import { pictureOf } from "./trees.ts";

const CANNOT_MOUNT = 77;
const PAGES_MOST = 12;

const [folder] = process.argv.slice(2);

function run(): number {
  const { status } = spawnSync("mount", ["-t", "tmpfs", "-o", "size=2m", "tmpfs", folder!]);
  if (status !== 0) return CANNOT_MOUNT;
  const root = diskMachine(folder);
  const rounds = [];
  for (let pages = 0; pages <= PAGES_MOST; pages++) rounds.push(applyWith(pages, root));
  process.stdout.write(JSON.stringify(rounds));
  return 0;
}

function applyWith(pages: number, root: string) {
  const before = pictureOf(root);
  const { bfree, bsize } = statfsSync(folder!);
  writeFileSync(`${folder}/filler`, Buffer.alloc(Math.max(0, (bfree - pages) * bsize)));
  let error: string | null = null;
  try {
    applyTune(tunedPlan(), tunedFacts(), placeOf(DISK_TREE, root), { now: NOW, writeSettingsFile: true });
    rmSync(`${folder}/filler`);
    rollbackTune(placeOf(DISK_TREE, root), { force: false });
  } catch (thrown) {
    error = thrown instanceof Error ? thrown.message : String(thrown);
    rmSync(`${folder}/filler`);
  }
  return { pages, error, same: pictureOf(root).join() === before.join() };
}

process.exitCode = run();
