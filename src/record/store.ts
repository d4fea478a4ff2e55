// The database behind the ledger, and its work while the disk refuses. One database always answers, the view:
//
//   disk, well       each write is a transaction of its own
//   disk, refusing   the writes that wait are applied in one transaction that stays open: reads see them in the page
//                    cache (cache_spill is off, so nothing of it goes to disk), and the retry is its COMMIT. SQLite rolls
//                    back what it cannot commit; then they are applied anew from the queue
//   memory           if the file cannot be opened at all: a copy of it if it can be read, else an empty one
//
// A damaged file is set aside and a new one begun. All that stands is written into it from memory, so no ban is lost.

import { rmSync, statfsSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { type Clocks, type DiskFailure, failAgain, healthOf, type LedgerHealth } from "./failure.ts";
import { LedgerError, troubleOf } from "./ledger-error.ts";
import {
  forgetHolder,
  openCopy,
  openInMemory,
  openLedgerFile,
  pruneSetAside,
  setAside,
} from "./ledger-file.ts";
import { runSql } from "./run-sql.ts";
import { Tables } from "./tables/tables.ts";
import { type Write, WriteQueue } from "./write-queue.ts";

/** The store's requests to the ledger, which keeps the standing bans and entries in memory. */
export interface StandingKeeper {
  /** Writes all that stands. `alone` also ends whatever else still stands in the database. */
  readonly rewrite: (alone: boolean) => Write;
  /** Takes over the standing bans and entries of the database. */
  readonly load: (tables: Tables) => void;
}

export interface StoreOptions extends Clocks {
  readonly file: string;
  /** Entries that may wait in memory. */
  readonly queueMax: number;
  readonly standing: StandingKeeper;
}

/**
 * The free space that a commit needs before it is tried: each entry's share of the pages that it changes, and some for
 * the rest.
 */
const BYTES_PER_ENTRY = 1024;
const BYTES_LEAST = 64 * 1024;

const PRUNE_ROWS = 5000;
const VACUUM_PAGES = 2000;

export class Store {
  readonly #options: StoreOptions;
  readonly #queue: WriteQueue;
  #db: DatabaseSync;
  #tables: Tables;
  #onDisk = false;
  /** The inode of the open file; null in memory. */
  #inode: number | null = null;
  /** Whether memory was read from the file that is there. */
  #loaded = false;
  /** Whether the disk lacks something that stands, because a write was dropped or the file is a new one. */
  #lacking = false;
  /** Whether the file is to be set aside. */
  #damaged = false;
  #failure: DiskFailure | null = null;
  #setAside: string | null = null;
  #closed = false;

  /** Throws LedgerError if another process holds the ledger or a later release wrote it; nothing else. */
  constructor(options: StoreOptions) {
    this.#options = options;
    this.#queue = new WriteQueue(options.queueMax);
    this.#db = openInMemory();
    this.#tables = new Tables(this.#db);
    const error = this.#openDisk();
    if (isLasting(error)) throw error;
    if (error !== null) this.#openCopy();
  }

  /** Tells how the disk is, after a try to write if it is time. */
  health(): LedgerHealth {
    if (!this.#closed) this.retry();
    const { waiting, dropped } = this.#queue;
    return healthOf(this.#failure, {
      file: this.#options.file,
      waiting,
      dropped,
      setAside: this.#setAside,
    });
  }

  /** Writes to the disk. If that fails the write stays in memory, and health() says so. */
  write(write: Write): void {
    this.#mustBeOpen();
    if (this.#failure === null && this.#attempt(() => this.#commit(write))) return;
    this.#keep(write);
    this.retry();
  }

  /** Asks the view. Returns `none` if even that fails. */
  read<T>(ask: (tables: Tables) => T, none: T): T {
    this.#mustBeOpen();
    this.retry();
    let answer = none;
    const read = () => {
      answer = ask(this.#tables);
    };
    if (this.#attempt(read)) return answer;
    // The view moves away from a disk that cannot be read: to a new file if the old one is damaged, else to memory. All
    // that stands is there.
    if (this.#damaged) this.retry();
    else this.#leaveDisk();
    this.#attempt(read);
    return answer;
  }

  /** Writes what waits, if it is time to try again. Costs nothing while all is well. */
  retry(force = false): void {
    if (this.#failure === null) return;
    if (!force && this.#options.monotonicMs() < this.#failure.nextTryMs) return;
    if (this.#damaged) this.#beginAnew();
    else if (this.#onDisk) this.#commitWaiting();
    else this.#openDisk();
  }

  /** Counts entries that the caller had no room for. */
  drop(entries: number): void {
    this.#queue.drop(entries);
  }

  /** Removes a bounded number of rows that ended before then, and returns how many. Does nothing while the disk refuses. */
  prune(beforeMs: number): number {
    this.#mustBeOpen();
    this.retry();
    if (this.#failure !== null) return 0;
    if (!this.#attempt(() => this.#mustBeInPlace())) {
      this.#leaveDisk();
      return 0;
    }
    let removed = 0;
    this.#attempt(() => {
      const apply = (tables: Tables) => {
        removed = tables.prune(beforeMs, PRUNE_ROWS);
      };
      this.#commit({ entries: 0, durable: false, apply });
      // secure_delete wipes the pages, but their old content is in the WAL until it is cut.
      if (removed > 0)
        runSql(this.#db, `PRAGMA incremental_vacuum(${VACUUM_PAGES}); PRAGMA wal_checkpoint(TRUNCATE)`);
      removed += pruneSetAside(this.#options.file, beforeMs);
    });
    return removed;
  }

  /** Tries once more to write what still waits. Afterwards health() tells whether it was lost. */
  close(): void {
    if (this.#closed) return;
    this.retry(true);
    this.#closed = true;
    this.#closeView();
  }

  #mustBeOpen(): void {
    if (this.#closed) throw new LedgerError("closed", "use the ledger", "it has been closed");
  }

  /** Runs `act`. Notes a refusal of the world and returns false. Mistakes of our own are thrown on. */
  #attempt(act: () => void): boolean {
    try {
      act();
      return true;
    } catch (error) {
      this.#refused(error);
      return false;
    }
  }

  #refused(error: unknown): void {
    const trouble = troubleOf(error);
    if (trouble === null) throw error;
    const failure = failAgain(this.#failure, { trouble, error }, this.#options);
    const isDamaged = trouble === "corrupt" && this.#onDisk && !this.#damaged;
    // Waiting does not mend a damaged file, so it is replaced at once.
    this.#failure = isDamaged ? { ...failure, nextTryMs: 0 } : failure;
    this.#damaged ||= isDamaged;
  }

  #commit(write: Write): void {
    const db = this.#db;
    if (write.durable) runSql(db, "PRAGMA synchronous = FULL");
    runSql(db, "BEGIN IMMEDIATE");
    try {
      write.apply(this.#tables);
      runSql(db, "COMMIT");
    } finally {
      if (db.isTransaction) runSql(db, "ROLLBACK");
      if (write.durable) runSql(db, "PRAGMA synchronous = NORMAL");
    }
  }

  #keep(write: Write): void {
    if (!this.#queue.push(write)) {
      this.#lacking = true;
      return;
    }
    this.#show(() => write.apply(this.#tables));
  }

  /** Applies what waits to the view. `add` applies the new write alone, if the others are there already. */
  #show(add: () => void): void {
    try {
      if (this.#onDisk && !this.#db.isTransaction) this.#applyWaiting();
      else add();
    } catch (error) {
      if (troubleOf(error) === null) throw error;
      this.#leaveDisk();
    }
  }

  /** Applies all that waits in a transaction and leaves it open. The database then has all of it, or nothing. */
  #applyWaiting(): void {
    runSql(this.#db, "PRAGMA synchronous = FULL; BEGIN");
    try {
      for (const { apply } of this.#queue.writes) apply(this.#tables);
    } catch (error) {
      if (this.#db.isTransaction) runSql(this.#db, "ROLLBACK");
      throw error;
    }
  }

  /** Commits what waits. The disk is asked first, because after a failed commit all that waits must be applied anew. */
  #commitWaiting(): void {
    const done = this.#attempt(() => {
      this.#mustHaveRoom();
      if (!this.#db.isTransaction) this.#applyWaiting();
      if (this.#lacking) this.#options.standing.rewrite(true).apply(this.#tables);
      runSql(this.#db, "COMMIT; PRAGMA synchronous = NORMAL");
    });
    if (done) this.#recovered();
    else if (this.#damaged) this.retry();
    else this.#show(() => {});
  }

  #mustHaveRoom(): void {
    const { file } = this.#options;
    const { bavail, bsize } = statfsSync(path.dirname(file));
    const wanted = BYTES_LEAST + this.#queue.waiting * BYTES_PER_ENTRY;
    if (this.#failure?.trouble === "full" && bavail * bsize < wanted) {
      throw new LedgerError(
        "full",
        "write the ledger",
        `${bavail * bsize} bytes are free, ${wanted} are wanted`,
      );
    }
    // Free blocks are not enough: quotas and read-only file systems refuse as well.
    const probe = `${file}.probe`;
    try {
      writeFileSync(probe, Buffer.alloc(4096), { mode: 0o600 });
    } finally {
      rmSync(probe, { force: true });
    }
  }

  /**
   * Throws if somebody has removed or replaced the file. SQLite would go on writing into the old one, and a restart
   * would find nothing of it.
   */
  #mustBeInPlace(): void {
    const { file } = this.#options;
    const inode = inodeOf(file);
    if (inode === this.#inode) return;
    throw new LedgerError("broken", "find the ledger", `${file} was removed or replaced; a new one is begun`);
  }

  #recovered(): void {
    this.#queue.clear();
    this.#lacking = false;
    this.#failure = null;
  }

  /** Opens the file and moves the view to it; a damaged file is set aside once. Returns the error if that fails. */
  #openDisk(): unknown {
    try {
      this.#moveTo(this.#openOrReplace(), true);
    } catch (error) {
      this.#refused(error);
      return error;
    }
    if (this.#attempt(() => this.#catchUp())) this.#recovered();
    else this.#leaveDisk();
    return null;
  }

  /** Brings a file that was just opened and the memory together. */
  #catchUp(): void {
    const { standing } = this.#options;
    const apply = () => {
      for (const write of this.#queue.writes) write.apply(this.#tables);
      standing.rewrite(this.#loaded).apply(this.#tables);
    };
    if (this.#lacking || this.#queue.waiting > 0) this.#commit({ entries: 0, durable: true, apply });
    if (!this.#loaded) standing.load(this.#tables);
    this.#loaded = true;
  }

  #openOrReplace(): DatabaseSync {
    const { file } = this.#options;
    try {
      return openLedgerFile(file);
    } catch (error) {
      if (troubleOf(error) !== "corrupt") throw error;
      this.#putAside();
      return openLedgerFile(file);
    }
  }

  #putAside(): void {
    this.#setAside = setAside(this.#options.file, this.#options.wallMs());
    this.#damaged = false;
    this.#loaded = true;
    this.#lacking = true;
  }

  /** Begins a new file with what is in memory, after the old one was damaged. */
  #beginAnew(): void {
    if (this.#onDisk) this.#leaveDisk();
    if (this.#attempt(() => this.#putAside())) this.#openDisk();
  }

  /** Moves the view to memory, with what stands and what waits. */
  #leaveDisk(): void {
    if (this.#onDisk) this.#lacking = true;
    this.#moveTo(openInMemory(), false);
    const { standing } = this.#options;
    const apply = () => {
      for (const write of this.#queue.writes) write.apply(this.#tables);
      standing.rewrite(false).apply(this.#tables);
    };
    this.#commit({ entries: 0, durable: false, apply });
  }

  #openCopy(): void {
    const copy = openCopy(this.#options.file);
    if (copy === null) return;
    this.#moveTo(copy, false);
    this.#loaded = this.#attempt(() => this.#options.standing.load(this.#tables));
  }

  #moveTo(db: DatabaseSync, onDisk: boolean): void {
    this.#closeView();
    this.#db = db;
    this.#tables = new Tables(db);
    this.#onDisk = onDisk;
    this.#inode = onDisk ? inodeOf(this.#options.file) : null;
  }

  /** Closes the view. A database that cannot even be closed is let go. */
  #closeView(): void {
    try {
      if (this.#db.isTransaction) runSql(this.#db, "ROLLBACK");
      this.#db.close();
    } catch (error) {
      if (troubleOf(error) === null) throw error;
    }
    if (this.#onDisk) forgetHolder(this.#options.file);
  }
}

function inodeOf(file: string): number | null {
  return statSync(file, { throwIfNoEntry: false })?.ino ?? null;
}

/** Whether no waiting mends the error, so that the daemon must not start. */
function isLasting(error: unknown): boolean {
  return error instanceof LedgerError && (error.code === "held" || error.code === "newer");
}
