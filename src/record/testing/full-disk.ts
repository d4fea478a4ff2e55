// A process in a mount namespace of its own whose disk is really full. Usage: full-disk.ts FOLDER. Prints as JSON what
// the ledger said and held at each stage. Its exit code is 77 if it may not mount.

import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { openLedger } from "../index.ts";
import { ban, DAY, finding, NOW, network } from "./ledger-kit.ts";

const CANNOT_MOUNT = 77;
const [folder] = process.argv.slice(2);
const disk = `${folder}/disk`;
const path = `${disk}/state/ledger.db`;
let monotonic = 0;

const mount = (...args: string[]) => spawnSync("mount", args).status === 0;
const open = () => openLedger({ path, retentionMs: 90 * DAY, nowMs: NOW, monotonicMs: () => monotonic });
const bans = (from: number, count: number) => Array.from({ length: count }, (_, i) => ban(from + i));

function fill(pages: number): void {
  const { bfree, bsize } = statfsSync(disk);
  writeFileSync(`${disk}/filler`, Buffer.alloc(Math.max(0, (bfree - pages) * bsize)));
}

function picture(ledger: ReturnType<typeof open>) {
  return {
    health: ledger.health(),
    active: ledger.activeBans(NOW).length,
    history: ledger.banHistory(0).length,
    findings: ledger.findings({ since: 0, limit: 100_000 }).length,
    allowed: ledger.allowEntries().length,
    evicted: ledger.evictedOf(ban(3)),
  };
}

/** The disk fills up to the last `pages` pages while a ledger is in use. Then there is room again. */
function whileInUse(pages: number) {
  rmSync(`${disk}/state`, { recursive: true, force: true });
  const ledger = open();
  ledger.addBans(bans(0, 100), "guard", NOW);
  fill(pages);
  for (let i = 0; i < 50; i++) {
    ledger.addBans(bans(100 + 10 * i, 10), "guard", NOW);
    ledger.addEviction({ source: network("10.0.0.3"), listener: "sip", rule: "overdue", count: 1, at: NOW });
    ledger.addFindings([finding("10.0.0.1")], NOW);
    monotonic += 100;
  }
  ledger.liftBans(bans(0, 50), NOW, "operator");
  ledger.allow({ network: network("192.0.2.0/24"), reason: null, connectionsPerSource: null }, "o", NOW);
  const full = picture(ledger);
  rmSync(`${disk}/filler`);
  monotonic += 60_000;
  const freed = picture(ledger);
  ledger.close();
  const again = open();
  const reopened = picture(again);
  again.close();
  return { pages, full, freed, reopened };
}

/** The disk is full when the program starts, with an earlier ledger on it or none. */
function atStart(hasLedger: boolean) {
  rmSync(`${disk}/state`, { recursive: true, force: true });
  mkdirSync(`${disk}/state`);
  if (hasLedger) {
    const before = open();
    before.addBans(bans(0, 100), "guard", NOW);
    before.close();
  }
  fill(0);
  const ledger = open();
  ledger.addBans(bans(100, 10), "guard", NOW);
  const full = picture(ledger);
  rmSync(`${disk}/filler`);
  monotonic += 60_000;
  const freed = picture(ledger);
  ledger.close();
  return { full, freed };
}

/** More entries wait than may. Standing bans are not lost with them. */
function beyondTheQueue() {
  rmSync(`${disk}/state`, { recursive: true, force: true });
  const ledger = openLedger({
    path,
    retentionMs: 90 * DAY,
    nowMs: NOW,
    monotonicMs: () => monotonic,
    queueMax: 100,
  });
  ledger.addBans(bans(0, 10), "guard", NOW);
  fill(0);
  ledger.addBans(bans(10, 90), "guard", NOW);
  ledger.addBans(bans(100, 90), "guard", NOW);
  ledger.liftBans(bans(0, 10), NOW, "operator");
  ledger.liftBans(bans(10, 10), NOW, "operator");
  const full = picture(ledger);
  rmSync(`${disk}/filler`);
  monotonic += 60_000;
  const freed = picture(ledger);
  ledger.close();
  const again = open();
  const reopened = picture(again);
  again.close();
  return { full, freed, reopened };
}

/** The file system becomes read-only while no ledger is open, and is writable again later. */
function readOnly() {
  rmSync(`${disk}/state`, { recursive: true, force: true });
  const before = open();
  before.addBans(bans(0, 100), "guard", NOW);
  before.close();
  if (!mount("-o", "remount,ro", disk)) return null;
  const ledger = open();
  ledger.addBans(bans(100, 10), "guard", NOW);
  ledger.liftBans(bans(0, 10), NOW, "operator");
  const refused = picture(ledger);
  mount("-o", "remount,rw", disk);
  monotonic += 60_000;
  const freed = picture(ledger);
  ledger.close();
  const again = open();
  const reopened = picture(again);
  again.close();
  return { refused, freed, reopened };
}

function run(): number {
  mkdirSync(disk);
  if (!mount("-t", "tmpfs", "-o", "size=3m", "tmpfs", disk)) return CANNOT_MOUNT;
  const inUse = [0, 1, 2, 3, 5, 8, 13, 21, 34].map(whileInUse);
  const result = {
    inUse,
    first: atStart(false),
    second: atStart(true),
    beyond: beyondTheQueue(),
    readOnly: readOnly(),
  };
  process.stdout.write(JSON.stringify(result));
  return 0;
}

process.exitCode = run();
