// Mishaps that befall the protector in the middle of an attack. Each resolves when its cause is over.

import { rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Lab } from "./lab.ts";
import type { Protector } from "./protection.ts";
import type { MishapPlan } from "./scenarios/scenario.ts";

const DAY_MS = 86_400_000;

interface MishapPlace {
  readonly lab: Lab;
  readonly protector: Protector;
  readonly folder: string;
}

export async function playMishap({ mishap, forMs = 0 }: MishapPlan, place: MishapPlace): Promise<void> {
  const { lab, protector, folder } = place;
  switch (mishap) {
    case "flush-ruleset":
      await lab.victim.read(["nft", "flush", "ruleset"]);
      break;
    case "kill-daemon":
      await protector.kill9();
      await sleep(forMs);
      await protector.start();
      break;
    case "restart-daemon":
      await protector.stop();
      await protector.start();
      break;
    case "full-disk":
      await fillDisk(place, forMs);
      break;
    case "clock-jump":
      await writeFile(path.join(folder, "clock"), String(DAY_MS));
      await sleep(forMs);
      await rm(path.join(folder, "clock"));
      break;
    case "restart-server":
      throw new Error("the server is the player's to restart");
  }
}

/** Fills the disk. dd writes until there is no room left, and then complains of that. */
async function fillDisk({ lab, protector, folder }: MishapPlace, forMs: number): Promise<void> {
  const ballast = `/proc/${protector.pid}/root${folder}/state/ballast`;
  await lab.victim.run(["dd", "if=/dev/zero", `of=${ballast}`, "bs=64k"]);
  await sleep(forMs);
  await lab.victim.read(["rm", "-f", ballast]);
}
