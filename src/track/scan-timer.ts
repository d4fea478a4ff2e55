// Between scans: reads the cheap triggers and says when the next scan is due. The schedule decides; this keeps its
// readings.

import type { Pressure } from "../model/index.ts";
import {
  decideScan,
  type Exhaustion,
  followExhaustion,
  type LastScan,
  type NextScan,
  NOT_EXHAUSTED,
  type ScheduleSettings,
  settleScan,
  TRIGGERS_EVERY_MS,
} from "./schedule.ts";
import type { TrackedCensus } from "./tracked-census.ts";
import { TriggerReader } from "./triggers.ts";

/** The accept queues are dearer to read than the counters. */
const QUEUE_EVERY_MS = 200;
/** However many connections may open: who waits to be accepted and what became of the rules is asked as often. */
const AGAIN_MAX_MS = 100;

export interface ScanTaken {
  readonly census: TrackedCensus;
  readonly nextScan: NextScan;
  readonly pressure: Pressure;
  /** Processor time, judging included. */
  readonly costMs: number;
  /** The counter as it was before the scan began. */
  readonly opens: number | null;
}

export class ScanTimer implements Disposable {
  readonly #triggers = new TriggerReader();
  #last: LastScan | null = null;
  #exhaustion: Exhaustion = NOT_EXHAUSTED;
  #owners: readonly { readonly pid: number; readonly fdLimit: number }[] = [];
  #ports: readonly number[] = [];
  #queueReadAt = Number.NEGATIVE_INFINITY;
  #againInMs = 0;
  /** When a scan was taken only to verify. */
  #verifiedAt = Number.NEGATIVE_INFINITY;
  #aging: NextScan["aging"] | null = null;
  /** When connections that were opened since the last scan can be past their time. */
  #agedAt = Number.POSITIVE_INFINITY;

  /** Handshakes finished so far; read it before a scan begins. */
  readOpens(): number | null {
    return this.#triggers.readOpens();
  }

  /** `verifyAtMs`: when the last scan's evictions are to be verified. */
  isDue(nowMs: number, settings: ScheduleSettings, verifyAtMs: number): boolean {
    const opens = this.#triggers.readOpens();
    this.#exhaustion = followExhaustion(this.#exhaustion, {
      queued: this.#readQueue(nowMs),
      descriptorsLeft: this.#descriptorsLeft(),
    });
    this.#followAging(opens, nowMs);
    const last =
      this.#last === null
        ? null
        : { ...this.#last, dueMs: Math.min(this.#last.dueMs, this.#agedAt, verifyAtMs) };
    const triggers = { nowMs, opens, exhausted: this.#exhaustion.exhausted };
    const decision = decideScan(last, triggers, settings);
    this.#againInMs = decision.scan ? TRIGGERS_EVERY_MS : Math.min(AGAIN_MAX_MS, decision.againInMs);
    return this.#verifiesNow(nowMs, settings, verifyAtMs) || decision.scan;
  }

  /** In how many milliseconds to ask isDue() again, as of its last answer. */
  get againInMs(): number {
    return this.#againInMs;
  }

  /**
   * The first eviction is verified at once. The next verifying scan waits for its turn like any other scan: a trickle of
   * evictions must not take a core.
   */
  #verifiesNow(nowMs: number, { cpuBudget }: ScheduleSettings, verifyAtMs: number): boolean {
    const restMs = (this.#last?.scanMs ?? 0) / cpuBudget;
    if (nowMs < verifyAtMs || nowMs - this.#verifiedAt < restMs) return false;
    this.#verifiedAt = nowMs;
    return true;
  }

  /** After a scan. */
  scanned({ census, nextScan, pressure, costMs, opens }: ScanTaken): void {
    const { listeners, takenAt } = census;
    // The first scan also warms the program up: its cost says nothing about the next one's.
    const scanMs = this.#last === null ? 0 : costMs;
    const begun = { beganMs: takenAt, opens, exhausted: this.#exhaustion.exhausted };
    this.#last = settleScan(begun, { takenAt, scanMs, listeners }, nextScan, [pressure]);
    this.#aging = nextScan.aging;
    this.#agedAt = Number.POSITIVE_INFINITY;
    const owners = new Map(
      listeners.flatMap(({ owner }) =>
        owner?.fdLimit == null ? [] : [[owner.pid, { pid: owner.pid, fdLimit: owner.fdLimit }] as const],
      ),
    );
    this.#owners = [...owners.values()];
    this.#ports = [...new Set(listeners.flatMap(({ endpoints }) => endpoints.map(({ port }) => port)))];
  }

  [Symbol.dispose](): void {
    this.#triggers[Symbol.dispose]();
  }

  #followAging(opens: number | null, nowMs: number): void {
    const before = this.#last?.opens ?? null;
    if (this.#aging === null || opens === null || before === null) return;
    if (this.#agedAt === Number.POSITIVE_INFINITY && opens - before >= this.#aging.opens) {
      this.#agedAt = nowMs + this.#aging.afterMs;
    }
  }

  /** Null where it is not time yet. */
  #readQueue(nowMs: number): number | null {
    if (nowMs - this.#queueReadAt < QUEUE_EVERY_MS) return null;
    this.#queueReadAt = nowMs;
    return this.#triggers.readQueue(this.#ports);
  }

  /** Of the owner that is nearest to its limit; null where nobody knows. */
  #descriptorsLeft(): number | null {
    let least: number | null = null;
    for (const { pid, fdLimit } of this.#owners) {
      const used = this.#triggers.readDescriptors(pid);
      if (used !== null) least = Math.min(least ?? Number.POSITIVE_INFINITY, fdLimit - used);
    }
    return least;
  }
}
