// The outside judge in the victim namespace: takes a sample every few milliseconds, with tools that any administrator
// has. It shares no code with the program that it judges.

import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { LIST_TABLE, parseRefused } from "./bans.ts";
import type { WatchSample, WatchTask } from "./messages.ts";
import { onTask, tellKeeper } from "./worker.ts";

/** The bound of samples, twenty minutes at ten a second. The oldest go first. */
const SAMPLES_MAX = 12_000;
/** From this many bans on they are counted less often, because nft needs long to list many. */
const BANS_MANY = 2000;
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;

let samples: WatchSample[] = [];

onTask((message) => {
  if (message.kind === "watch") void watch(message);
  if (message.kind === "watched?") {
    tellKeeper({ kind: "watched", samples });
    samples = [];
  }
});

async function watch(task: WatchTask): Promise<void> {
  const groups = { attackers: new Set(task.attackers), honest: new Set(task.honest) };
  let refused: Pick<WatchSample, "bans" | "caps"> = NO_TABLE;
  for (let taken = 0; ; taken++) {
    const startedAt = performance.now();
    if (task.bans && (taken % 20 === 0 || (refused.bans ?? 0) < BANS_MANY)) refused = await countRefused();
    const at = performance.timeOrigin + performance.now();
    const counts = countSockets(
      await read(["ss", "-tnHO", "state", "connected", "sport", "=", `:${task.port}`]),
      groups,
    );
    const rest = { descriptors: descriptorsOf(task.serverPid), passiveOpens: passiveOpens() };
    samples.push({ at, ...counts, ...rest, ...refused });
    if (samples.length > SAMPLES_MAX) samples.shift();
    if (taken === 0) tellKeeper({ kind: "ready" });
    await sleep(Math.max(1, task.everyMs - (performance.now() - startedAt)));
  }
}

const NO_TABLE = { bans: null, caps: null } as const;

async function countRefused(): Promise<Pick<WatchSample, "bans" | "caps">> {
  const json = await read(LIST_TABLE);
  if (json === "") return NO_TABLE;
  const { bans, caps } = parseRefused(json);
  return { bans: bans.length, caps: caps.length };
}

/** A program's output; empty if it fails, as nft does while there is no table. */
function read([program, ...args]: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(program!, args, { maxBuffer: OUTPUT_BYTES_MAX }, (error, stdout) =>
      resolve(error === null ? stdout : ""),
    );
  });
}

interface Groups {
  readonly attackers: ReadonlySet<string>;
  readonly honest: ReadonlySet<string>;
}

/** Counts the lines of ss: state, two queues, local end, peer. */
function countSockets(text: string, groups: Groups) {
  const counts = { established: 0, attackers: 0, honest: 0, worst: 0, halfOpen: 0, leaked: 0 };
  const bySource = new Map<string, number>();
  for (const line of text.split("\n")) {
    const [state, , , , peer] = line.trim().split(/\s+/);
    if (state === "SYN-RECV") counts.halfOpen++;
    if (state === "CLOSE-WAIT") counts.leaked++;
    if (state !== "ESTAB" || peer === undefined) continue;
    counts.established++;
    const address = peer.slice(0, peer.lastIndexOf(":")).replace(/[[\]]/g, "").replace("::ffff:", "");
    if (groups.honest.has(address)) counts.honest++;
    if (!groups.attackers.has(address)) continue;
    counts.attackers++;
    const source = peerAddress(address);
    bySource.set(source, (bySource.get(source) ?? 0) + 1);
  }
  for (const held of bySource.values()) counts.worst = Math.max(counts.worst, held);
  return counts;
}

/**
 * The address or /64 of a peer. The lab's IPv6 addresses have their host part behind "::", so the part before it names
 * the /64.
 */
function peerAddress(address: string): string {
  return address.includes(":") ? address.split("::")[0]! : address;
}

function descriptorsOf(pid: number): number | null {
  const counts = [pid, ...descendants(pid)].map(countDescriptors).filter((count) => count !== null);
  return counts.length === 0 ? null : Math.max(...counts);
}

function descendants(pid: number): number[] {
  const text = readOr(`/proc/${pid}/task/${pid}/children`, "").trim();
  const children = text === "" ? [] : text.split(" ").map(Number);
  return children.flatMap((child) => [child, ...descendants(child)]);
}

/** A process's open descriptors; null if it has ended or is somebody else's. */
function countDescriptors(pid: number): number | null {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return null;
  }
}

/** PassiveOpens of /proc/net/snmp. Two lines begin with "Tcp:": the names, and their values in the same order. */
function passiveOpens(): number {
  const lines = readOr("/proc/net/snmp", "").split("\n");
  const [names, values] = lines.filter((line) => line.startsWith("Tcp:")).map((line) => line.split(" "));
  return Number(values?.[names?.indexOf("PassiveOpens") ?? -1] ?? 0);
}

function readOr(file: string, otherwise: string): string {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return otherwise;
  }
}
