// The ledger's file: makes it, opens it, holds it, checks it, and sets it aside when it is damaged.
//
//   ledger.db                   0600, in a folder that is made with 0700
//   ledger.db-wal               what has been committed since the last checkpoint
//   ledger.db.holder            the process that holds the ledger, for the words of an error; it locks nothing
//   ledger.db.corrupt-<time>    a damaged one, kept until its retention has passed
//
// The lock is SQLite's own (locking_mode EXCLUSIVE: POSIX locks on ledger.db). The kernel takes it away with its
// process, so no stale lock can be left. POSIX locks belong to the process, and it loses them when it closes ANY of its
// descriptors of that file. So nothing in this process may open ledger.db beside SQLite. EXCLUSIVE also spares the
// shared-memory file: a full disk could take its pages away under a running process.

import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { isBusy, LedgerError, troubleOf } from "./ledger-error.ts";
import { runSql } from "./run-sql.ts";
import { LEDGER_SCHEMA, SCHEMA_VERSION } from "./schema.ts";

/** The wait for a daemon that is being restarted: it closes its ledger within this time. */
const LOCK_WAIT_MS = 1000;

/** How far the WAL file is cut back after a checkpoint. */
const WAL_BYTES_KEPT = 4 * 1024 * 1024;

const SET_ASIDE = ".corrupt-";

const SET_ASIDE_MAX = 3;

export const IN_MEMORY = ":memory:";

/**
 * Opens the ledger, and makes folder and file if they are not there. Throws LedgerError, and what SQLite and the file
 * system throw.
 */
export function openLedgerFile(file: string): DatabaseSync {
  makeFile(file);
  const db = new DatabaseSync(file, { timeout: LOCK_WAIT_MS });
  try {
    lock(db, file);
    prepareDatabase(db, file);
  } catch (error) {
    db.close();
    throw error;
  }
  nameHolder(file);
  return db;
}

/** A ledger in memory for as long as there is no disk. It is lost with the process. */
export function openInMemory(): DatabaseSync {
  const db = new DatabaseSync(IN_MEMORY);
  runSql(db, LEDGER_SCHEMA);
  return db;
}

/**
 * A copy of a ledger that lies where nothing can be written: SQLite cannot read a WAL database without writing beside
 * it. The copy is in memory if there is a place for files in memory. Its files have no names. Null if the ledger cannot
 * be read either.
 */
export function openCopy(file: string): DatabaseSync | null {
  for (const place of ["/dev/shm", tmpdir()]) {
    try {
      return openCopyIn(place, file);
    } catch (error) {
      if (troubleOf(error) === null) throw error;
    }
  }
  return null;
}

function openCopyIn(place: string, file: string): DatabaseSync {
  const folder = mkdtempSync(path.join(place, "sockwarden-ledger-"));
  try {
    const copy = path.join(folder, "ledger.db");
    copyFileSync(file, copy);
    chmodSync(copy, 0o600);
    if (existsSync(`${file}-wal`)) copyFileSync(`${file}-wal`, `${copy}-wal`);
    const db = new DatabaseSync(copy);
    runSql(db, "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF");
    checkIntact(db, file);
    if (versionOf(db) !== SCHEMA_VERSION)
      throw new LedgerError("corrupt", "read the ledger", `${file} is empty`);
    return db;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Makes the file if it is not there. An existing one is never opened: closing its descriptor would give up this
 * process's lock.
 */
function makeFile(file: string): void {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  const found = statSync(file, { throwIfNoEntry: false });
  if (found === undefined) closeSync(openSync(file, "wx", 0o600));
  // SQLite would open an unwritable file for reading alone, and then say less about the reason.
  else accessSync(file, constants.R_OK | constants.W_OK);
  if (found !== undefined && (found.mode & 0o077) !== 0) chmodSync(file, 0o600);
}

function lock(db: DatabaseSync, file: string): void {
  try {
    // The order matters: auto_vacuum only takes effect on a file without pages, so it comes before the schema.
    runSql(
      db,
      "PRAGMA auto_vacuum = INCREMENTAL; PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL",
    );
  } catch (error) {
    if (!isBusy(error)) throw error;
    throw new LedgerError(
      "held",
      "open the ledger",
      `${file} is in use by ${holderOf(file)}; stop it, or set another stateDir`,
      error,
    );
  }
}

function prepareDatabase(db: DatabaseSync, file: string): void {
  runSql(
    db,
    `
    PRAGMA synchronous = NORMAL;
    PRAGMA secure_delete = ON;
    PRAGMA cache_spill = OFF;
    PRAGMA temp_store = MEMORY;
    PRAGMA trusted_schema = OFF;
    PRAGMA journal_size_limit = ${WAL_BYTES_KEPT};
  `,
  );
  checkIntact(db, file);
  if (versionOf(db) === 0) runSql(db, `BEGIN; ${LEDGER_SCHEMA} COMMIT`);
}

function checkIntact(db: DatabaseSync, file: string): void {
  const said = db.prepare("PRAGMA quick_check(1)").get()?.["quick_check"];
  if (said !== "ok") throw new LedgerError("corrupt", "check the ledger", `${file}: ${said}`);
  const version = versionOf(db);
  if (version > SCHEMA_VERSION) {
    const text = `${file} has version ${version}, this release knows ${SCHEMA_VERSION}; install the later release again, or move the file away`;
    throw new LedgerError("newer", "open the ledger", text);
  }
  if (version === 0 && db.prepare("SELECT name FROM sqlite_schema LIMIT 1").get() !== undefined) {
    throw new LedgerError("corrupt", "check the ledger", `${file} is a database, but no ledger`);
  }
}

function versionOf(db: DatabaseSync): number {
  return Number(db.prepare("PRAGMA user_version").get()?.["user_version"]);
}

function nameHolder(file: string): void {
  unlessRefused(() => writeFileSync(`${file}.holder`, `${process.pid}\n`, { mode: 0o600 }));
}

function holderOf(file: string): string {
  let pid = "";
  unlessRefused(() => {
    pid = readFileSync(`${file}.holder`, "utf8").trim();
  });
  return /^\d+$/.test(pid) ? `process ${pid}` : "another process";
}

/** The holder's name is a kindness to people, so a disk that refuses it is no trouble. */
function unlessRefused(act: () => void): void {
  try {
    act();
  } catch (error) {
    if (troubleOf(error) === null) throw error;
  }
}

export function forgetHolder(file: string): void {
  unlessRefused(() => rmSync(`${file}.holder`, { force: true }));
}

/** Moves a damaged ledger out of the way and returns its new path. The last few are kept. */
export function setAside(file: string, wallMs: number): string {
  const stamp = new Date(wallMs).toISOString().replaceAll(":", "-");
  const aside = `${file}${SET_ASIDE}${stamp}`;
  renameSync(file, aside);
  if (existsSync(`${file}-wal`)) renameSync(`${file}-wal`, `${aside}-wal`);
  rmSync(`${file}-shm`, { force: true });
  for (const old of listSetAside(file).slice(0, -SET_ASIDE_MAX)) removeSetAside(old);
  return aside;
}

/** Removes ledgers set aside before then. They hold addresses too, so none is kept longer than a ledger's rows. */
export function pruneSetAside(file: string, beforeMs: number): number {
  const old = listSetAside(file).filter((aside) => statSync(aside).mtimeMs < beforeMs);
  for (const aside of old) removeSetAside(aside);
  return old.length;
}

function listSetAside(file: string): string[] {
  const folder = path.dirname(file);
  const start = `${path.basename(file)}${SET_ASIDE}`;
  return readdirSync(folder)
    .filter((name) => name.startsWith(start) && !name.endsWith("-wal"))
    .sort()
    .map((name) => path.join(folder, name));
}

function removeSetAside(aside: string): void {
  for (const name of [aside, `${aside}-wal`]) rmSync(name, { force: true });
}
