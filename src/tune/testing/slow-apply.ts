// A process of its own that applies slowly, so that a test can kill it in the midst: slow-apply.ts ROOT MS_PER_CHANGE

import { applyTune } from "../apply.ts";
import { DISK_TREE, type Tree } from "../tree.ts";
import { NOW, placeOf, tunedFacts, tunedPlan } from "./place.ts";
import { delegate } from "./trees.ts";

const [root, delay] = process.argv.slice(2);
const rest = new Int32Array(new SharedArrayBuffer(4));

/** Waits before each change, so that the kill most often falls between two, and sometimes into one. */
function slow(tree: Tree): Tree {
  const wait = () => Atomics.wait(rest, 0, 0, Number(delay));
  const changes = ["create", "rename", "remove", "makeFolder", "overwrite"] as const;
  const waiting = changes.map((name) => [
    name,
    (...args: [never, never]) => {
      wait();
      tree[name](...args);
    },
  ]);
  return { ...delegate(tree), ...Object.fromEntries(waiting) };
}

process.stdout.write("begins\n");
applyTune(tunedPlan(), tunedFacts(), placeOf(slow(DISK_TREE), root), { now: NOW, writeSettingsFile: true });
process.stdout.write("done\n");
