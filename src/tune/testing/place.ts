// A made-up machine to tune: its /etc and /proc below a root, with a plan that touches every kind of thing.

import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { sysctlPath } from "../../settings/sysctl-keys.ts";
import type { TuneFacts } from "../facts.ts";
import type { TunePlace } from "../place.ts";
import { planTune } from "../plan.ts";
import type { Tree } from "../tree.ts";
import type { TunePlan } from "../tune-plan.ts";
import { accountMachine, CONNTRACK, KAMAILIO, machine } from "./facts.ts";

export const STATE = "/var/lib/sockwarden";
export const NOW = "2026-11-22T15:04:05.000Z";

/** Two units, one of which has a folder of drop-ins already. */
export function tunedFacts(): TuneFacts {
  const mosquitto = { ...KAMAILIO, unit: "mosquitto.service", program: "mosquitto" };
  return machine(
    {
      ...Object.fromEntries(accountMachine().live),
      ...CONNTRACK,
      "net.ipv4.ip_local_port_range": "32768\t60999",
    },
    { services: [KAMAILIO, mosquitto], listeningPorts: [22, 15_672] },
  );
}

export function tunedPlan(profile: TunePlan["profile"] = "churn", connections = 500_000): TunePlan {
  const facts = tunedFacts();
  const live = new Map([...facts.live].map(([name, value]) => [name, value.replaceAll("\t", " ")]));
  return planTune({ ...facts, live }, { profile, connections, perSecond: null, service: null });
}

/** The files of that machine, by path below its root. */
export function tunedFiles(): { readonly path: string; readonly text: string; readonly mode: number }[] {
  return [
    ...[...tunedFacts().live].map(([name, value]) => ({
      path: `/proc/sys/${sysctlPath(name)}`,
      text: `${value.replaceAll(" ", "\t")}\n`,
      mode: 0o644,
    })),
    { path: "/etc/sysctl.conf", text: "net.ipv4.tcp_retries2 = 5\n", mode: 0o640 },
    // A file of our name that was there before, with a mode of its own and bytes that are no UTF-8.
    { path: "/etc/sysctl.d/90-sockwarden.conf", text: "# mine\r\nnet.ipv4.tcp_retries2=7", mode: 0o600 },
    {
      path: "/etc/systemd/system/mosquitto.service.d/override.conf",
      text: "[Service]\nNice=5\n",
      mode: 0o644,
    },
  ];
}

/** Puts that machine on the disk, in a new folder; the caller removes it. */
export function diskMachine(parent: string = tmpdir()): string {
  const root = mkdtempSync(path.join(parent, "sockwarden-tune-"));
  for (const file of tunedFiles()) {
    mkdirSync(path.dirname(root + file.path), { recursive: true });
    writeFileSync(root + file.path, file.text);
    chmodSync(root + file.path, file.mode);
  }
  mkdirSync(root + STATE, { recursive: true });
  return root;
}

export function placeOf(tree: Tree, root = ""): TunePlace {
  return {
    tree,
    root,
    proc: `${root}/proc`,
    stateDir: root + STATE,
    namespace: { id: "net:[1]", boot: "today", first: true },
    runner: { pid: process.pid, startTime: 1 },
    isRunning: () => false,
    owner: { uid: process.getuid!(), gid: process.getgid!() },
  };
}
