// The guard of one network namespace. It scans when a scan is due, judges, bans, evicts, verifies, and keeps the
// kernel's rules as they should be. Every call blocks for as long as its parts do, so it runs in a thread of its own.
// It decides nothing itself: the judge and the schedule decide.

import type { EvictedConnections } from "../enforce/index.ts";
import type { Judgement, JudgeState, StepOptions } from "../judge/index.ts";
import { highestPressure, type Plan, type Pressure } from "../model/index.ts";
import type { TrackedCensus } from "../track/index.ts";
import { FailingParts } from "./failing-parts.ts";
import { type Handlers, handlersOf, type Loop } from "./handlers.ts";
import type { News } from "./news.ts";
import { NewsBook } from "./news-book.ts";
import type { GuardParts } from "./parts.ts";
import type { AnswerOf, AskOf, RequestName } from "./requests.ts";
import { LARGEST, summarise } from "./scan-summary.ts";
import type { GuardBeginning, GuardSettings } from "./settings.ts";
import { AT_REST, type Verifying, verifyEvictions } from "./verifying.ts";

/** The shortest wait between ticks. A part that failed is still due, but must not be tried again without a pause. */
const RETRY_MS = 20;
/** The wait until triggers that could not be read are read again. */
const TRIGGERS_RETRY_MS = 100;
/**
 * The shortest time between two findings that tell of others' changes of the kernel's rules, if nothing of ours was
 * taken.
 */
const TELL_OTHERS_MS = 10 * 60_000;

const IN_VAIN =
  "banned sources still hold connections after several evictions; `sockwarden doctor --prove` tells whether this kernel can evict";

export class Guard implements Loop {
  readonly #parts: GuardParts;
  readonly #handlers: Handlers;
  readonly #news = new NewsBook();
  readonly #failing = new FailingParts((health) => this.#news.health(health));
  #settings: GuardSettings;
  #state: JudgeState;
  #census: TrackedCensus | null = null;
  #evicted: readonly EvictedConnections[] = [];
  #verifying: Verifying = AT_REST;
  /** The wait until the triggers are read again. */
  #againInMs = TRIGGERS_RETRY_MS;
  #toldOthersAt = Number.NEGATIVE_INFINITY;

  constructor(parts: GuardParts, { settings, remembered }: GuardBeginning) {
    this.#parts = parts;
    this.#settings = settings;
    this.#state = parts.judge.initialState(remembered);
    this.#handlers = handlersOf(this, parts);
  }

  /** Does what is due. Never throws because of a part: failures are in the news. */
  tick(): void {
    const now = this.#parts.clock.now();
    if (this.#parts.rules.isDue(now)) this.#attemptRules(() => this.#keepRules(now));
    if (this.#scanIsDue(now)) this.#failing.attempt("scan", () => this.scan(now));
  }

  /** Milliseconds until tick() is to be called again, as of its last call. */
  nextTickInMs(): number {
    const verifyInMs = this.#verifying.dueMs - this.#parts.clock.now();
    return Math.min(this.#againInMs, Math.max(RETRY_MS, verifyInMs));
  }

  /** Answers a request. Throws if it cannot be done. */
  ask<Name extends RequestName>(name: Name, ask: AskOf<Name>): AnswerOf<Name> {
    return this.#handlers[name](ask, this.#parts.clock.now());
  }

  /** The news since the last call; null if there is none. */
  takeNews(): News | null {
    return this.#news.take({ observes: this.#observes, cpuMs: this.#parts.clock.cpuMs() });
  }

  /** The kernel's words if it refused for want of rights, else null. */
  get denied(): string | null {
    return this.#failing.denied;
  }

  get settings(): GuardSettings {
    return this.#settings;
  }

  get state(): JudgeState {
    return this.#state;
  }

  set state(state: JudgeState) {
    this.#state = state;
  }

  get census(): TrackedCensus | null {
    return this.#census;
  }

  get evicted(): readonly EvictedConnections[] {
    return this.#evicted;
  }

  configure(settings: GuardSettings, nowMs: number): void {
    this.#settings = settings;
    this.#failing.attempt("backend", () => this.#parts.rules.configure(settings));
    this.#news.forget();
    this.#failing.attempt("scan", () => this.scan(nowMs));
  }

  judging(nowMs: number): StepOptions {
    const { terms, allow } = this.#settings;
    return { terms, exemptions: { allow, protected: this.#parts.protectedAddresses.at(nowMs) } };
  }

  scan(nowMs: number): void {
    const { tracker, scanTimer, judge, rules, clock } = this.#parts;
    const { policies, prefixes } = this.#settings;
    // The counter is read before the scan, so that connections opened meanwhile count for the next one.
    const opens = scanTimer.readOpens();
    const census = tracker.scan(policies, prefixes, nowMs);
    const startMs = clock.cpuMs();
    const judgement = judge.step(this.#state, census, this.judging(nowMs));
    const judgeMs = clock.cpuMs() - startMs;
    this.#census = census;
    this.#state = judgement.state;
    const costMs = census.cpuMs + judgeMs;
    const pressure = this.#pressure();
    scanTimer.scanned({ census, nextScan: judgement.nextScan, pressure, costMs, opens });
    this.#attemptRules(() => rules.follow(census.listeners, this.#state.bans.values(), nowMs));
    this.#carryOut(judgement.plan, nowMs);
    this.#tell(census, judgement, judgeMs);
  }

  get #observes(): boolean {
    return this.#settings.backend === "observe";
  }

  /**
   * The highest pressure of all listeners; calm in observe. There, scanning more often than the budget allows gains
   * nothing.
   */
  #pressure(): Pressure {
    return this.#observes ? "calm" : highestPressure(this.#state.pressures.values());
  }

  /** Whether a scan is due. Time alone decides if the triggers cannot be read. */
  #scanIsDue(nowMs: number): boolean {
    const { scanTimer } = this.#parts;
    const { dueMs: verifyAtMs } = this.#verifying;
    const lastMs = this.#census?.takenAt ?? Number.NEGATIVE_INFINITY;
    let due = nowMs >= Math.min(lastMs + this.#settings.everyMs, verifyAtMs);
    const isRead = this.#failing.attempt("triggers", () => {
      due = scanTimer.isDue(nowMs, this.#settings, verifyAtMs);
    });
    // After a failure the timer has no answer, or one that is over.
    this.#againInMs = isRead ? scanTimer.againInMs : TRIGGERS_RETRY_MS;
    return due;
  }

  #attemptRules(work: () => void): void {
    // All bans stand once the rules do.
    if (this.#failing.attempt("rules", work)) this.#failing.well("ban");
  }

  /** Bans first, then evicts: in the other order a hoarder is back before the ban. */
  #carryOut(plan: Plan, nowMs: number): void {
    this.#ban(plan, nowMs);
    this.#evict(plan, nowMs);
    this.#verify(plan, nowMs);
  }

  #ban({ bans }: Plan, nowMs: number): void {
    if (bans.length === 0) return;
    this.#failing.attempt("ban", () => this.#parts.rules.add(bans, nowMs));
    this.#news.banned(bans);
  }

  #evict({ evictions }: Plan, nowMs: number): void {
    this.#evicted = [];
    if (evictions.length === 0) return;
    const observes = this.#observes;
    const pressed = this.#pressure() !== "calm";
    const round = { pressed, perSecond: this.#settings.evictPerSecond, nowMs, observes };
    this.#failing.attempt("evict", () => {
      this.#evicted = this.#parts.evictor.carryOut(evictions, round).evicted;
      this.#news.evicted(this.#evicted, { observes });
    });
  }

  /** Plans the scan that verifies evictions. Observe has none to verify. */
  #verify({ evictions }: Plan, nowMs: number): void {
    const evicts = evictions.length > 0 && !this.#observes;
    const bannedHold = evictions.some(({ rule }) => rule === "banned");
    const { next, tells } = verifyEvictions(this.#verifying, { nowMs, evicts, bannedHold });
    this.#verifying = next;
    if (tells === "in-vain") this.#news.health({ code: "eviction", severity: "critical", text: IN_VAIN });
    if (tells === "well") this.#news.health({ code: "eviction", severity: "notice", text: null });
  }

  #keepRules(nowMs: number): void {
    const restored = this.#parts.rules.restore(this.#state.bans.values(), nowMs);
    if (restored === null) return;
    // Others change rules of their own all day long, so that is told rarely.
    if (restored === 0 && nowMs - this.#toldOthersAt < TELL_OTHERS_MS) return;
    if (restored === 0) this.#toldOthersAt = nowMs;
    const brought = restored === 1 ? "1 ban was" : `${restored} bans were`;
    this.#news.found([
      {
        rule: "rules-restored",
        severity: restored === 0 ? "notice" : "warning",
        listener: null,
        source: null,
        text: `somebody else changed the kernel's rules: ours are set up again, and ${brought} brought back`,
        numbers: { restored },
      },
    ]);
  }

  #tell(census: TrackedCensus, judgement: Judgement, judgeMs: number): void {
    const sums = this.#parts.sums.sumByListener(census, LARGEST);
    this.#news.scanned(summarise(census, judgement, { sums, judgeMs }));
    this.#news.found(judgement.findings);
    this.#failing.attempt("tap", () => this.#parts.tap(census, judgement));
  }
}
