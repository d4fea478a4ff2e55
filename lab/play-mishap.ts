// What befalls the guard in the middle of an attack. Each resolves when its cause is over.

import { rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Lab } from "./lab.ts";
import type { GuardProcess } from "./protection.ts";
import type { MishapPlan } from "./scenarios/scenario.ts";

const DAY_MS = 86_400_000;

interface MishapPlace {
  readonly lab: Lab;
  readonly guard: GuardProcess;
  readonly folder: string;
}

export async function playMishap({ mishap, forMs = 0 }: MishapPlan, place: MishapPlace): Promise<void> {
  const { lab, guard, folder } = place;
  switch (mishap) {
    case "flush-ruleset":
      await lab.victim.read(["nft", "flush", "ruleset"]);
      break;
    case "kill-guard":
      await guard.kill9();
      await sleep(forMs);
      await guard.start();
      break;
    case "restart-guard":
      await guard.stop();
      await guard.start();
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

/** dd writes until there is no room left, which is what it then complains of. */
async function fillDisk({ lab, guard, folder }: MishapPlace, forMs: number): Promise<void> {
  const ballast = `/proc/${guard.pid}/root${folder}/state/ballast`;
  await lab.victim.run(["dd", "if=/dev/zero", `of=${ballast}`, "bs=64k"]);
  await sleep(forMs);
  await lab.victim.read(["rm", "-f", ballast]);
}
