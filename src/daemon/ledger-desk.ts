// Joins the ledger with the rest of the daemon: the records of each mode, how long they are kept, and the health item
// of a disk that refuses.

import { bansRemembered, type JudgeMemory, type Standing } from "../judge/index.ts";
import type { AllowEntry, Ban, Finding, Network } from "../model/index.ts";
import { type EvictionEntry, type Ledger, openLedger, type RecordedAllow } from "../record/index.ts";
import type { HealthReport } from "./health.ts";

/** Bans that may still make the next term longer. */
const HISTORY_MS = 90 * 86_400_000;

export interface LedgerDeskOptions {
  readonly ledger: Ledger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Whether plans are carried out. In observe none is, so no ban is kept. */
  readonly enforces: () => boolean;
  readonly report: (report: HealthReport) => void;
}

export class LedgerDesk {
  readonly #ledger: Ledger;
  readonly #now: () => number;
  readonly #enforces: () => boolean;
  readonly #report: (report: HealthReport) => void;

  constructor({ ledger, now, enforces, report }: LedgerDeskOptions) {
    this.#ledger = ledger;
    this.#now = now;
    this.#enforces = enforces;
    this.#report = report;
  }

  /** The memory that the guards begin with. */
  remembered(): JudgeMemory {
    return {
      standings: this.#ledger.standings(),
      bans: this.bansOfMode(),
      histories: this.#ledger.banHistory(this.#now() - HISTORY_MS, bansRemembered),
    };
  }

  /** The bans that the kernel must hold. The bans that observe only tells are none of them. */
  bansOfMode(): Ban[] {
    return this.#enforces() ? this.#ledger.activeBans(this.#now()) : [];
  }

  /** Keeps what a restart must bring back. */
  addBans(bans: readonly Ban[], by: string): void {
    if (this.#enforces() && bans.length > 0) this.#ledger.addBans(bans, by, this.#now());
    this.check();
  }

  liftBans(bans: readonly Ban[], by: string): void {
    this.#ledger.liftBans(bans, this.#now(), by);
  }

  addFindings(findings: readonly Finding[]): void {
    if (findings.length > 0) this.#ledger.addFindings(findings, this.#now());
  }

  addEvictions(evictions: readonly Omit<EvictionEntry, "at">[]): void {
    const at = this.#now();
    for (const eviction of evictions) this.#ledger.addEviction({ ...eviction, at });
  }

  /** Sockets of a ban's source destroyed since it began. */
  evictedOf(ban: Ban): number {
    return this.#ledger.evictedOf(ban);
  }

  allowEntries(): RecordedAllow[] {
    return this.#ledger.allowEntries();
  }

  allow(entry: AllowEntry, by: string): void {
    this.#ledger.allow(entry, by, this.#now());
  }

  /** Whether there was an entry. */
  disallow(network: Network, by: string): boolean {
    return this.#ledger.disallow(network, by, this.#now());
  }

  saveStandings(standings: readonly Standing[]): void {
    this.#ledger.saveStandings(standings);
    this.check();
  }

  /** Sets how long ended entries are kept. */
  keepFor(retentionMs: number): void {
    this.#ledger.keepFor(retentionMs);
  }

  /** Removes entries that have been kept for long enough. */
  prune(): void {
    this.#ledger.prune(this.#now());
    this.check();
  }

  /** Says whether the ledger can write, and lets it try again. */
  check(): void {
    const health = this.#ledger.health();
    this.#report({ code: "ledger", severity: "warning", text: health.ok ? null : health.text });
  }
}

/** The boot and its age, so that a ban's end survives a wall clock that jumps. */
export interface Boot {
  readonly id: string;
  readonly ms: () => number;
}

/** Opens the ledger in the state folder. Throws LedgerError where another daemon has it. */
export function openDaemonLedger({
  stateDir,
  retentionMs,
  nowMs,
  boot,
}: {
  readonly stateDir: string;
  readonly retentionMs: number;
  readonly nowMs: number;
  /** Null where the kernel does not say. */
  readonly boot: Boot | null;
}): Ledger {
  return openLedger({
    path: `${stateDir}/ledger.db`,
    retentionMs,
    nowMs,
    ...(boot === null ? {} : { bootId: boot.id, bootMs: boot.ms }),
  });
}
