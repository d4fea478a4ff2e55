// The guard of one network namespace: scans when a scan is due, judges, bans, evicts, and keeps the kernel as it should be.
// Everything here blocks and runs in a thread of its own (guard-worker.ts); it decides nothing that the judge and the
// schedule do not decide.

import {
  BackendError,
  type Evicted,
  Evictor,
  ProtectedAddresses,
  RuleKeeper,
  type RuleSettings,
} from "../enforce/index.ts";
import {
  explainSource,
  initialState,
  type Judgement,
  type JudgeState,
  type StepOptions,
  step,
  withBans,
  withoutBans,
} from "../judge/index.ts";
import { NetlinkProtocol, openNetlinkSocket, SockDestroyer, threadCpuMs } from "../linux/index.ts";
import {
  type Ban,
  banKeyText,
  contains,
  type Eviction,
  formatNetwork,
  highestPressure,
  type Network,
  PROOFS,
  type Pressure,
  type RuleName,
  reasonOf,
  sourceBits,
} from "../model/index.ts";
import { ScanTimer, TRIGGERS_EVERY_MS, type TrackedCensus, Tracker } from "../track/index.ts";
import type {
  EvictedFrom,
  Explained,
  GuardAnswer,
  GuardBeginning,
  GuardRequest,
  GuardSettings,
  HeldBan,
  News,
} from "./messages.ts";
import { NewsBook } from "./news-book.ts";
import { largestSources, scannedOf } from "./seen.ts";

/** The judge's rule that takes from banned sources what they hold. */
const BANNED: RuleName = "banned";
/** After something was evicted the next scan tells whether it is gone. */
const VERIFY_MS = 50;
/** Scans in a row after which banned sources that still hold connections are a fault of ours. */
const VERIFY_SCANS_MAX = 5;
/** Changes of the kernel's rules that took nothing of ours are told this often. */
const TELL_OTHERS_MS = 10 * 60_000;

export class Guard implements Disposable {
  readonly #clockOffsetMs: number;
  readonly #tracker = new Tracker();
  readonly #scanTimer = new ScanTimer();
  readonly #protected = new ProtectedAddresses();
  readonly #transport = openNetlinkSocket(NetlinkProtocol.SOCK_DIAG);
  readonly #news = new NewsBook();
  readonly #rules: RuleKeeper;
  /** Parts whose last try was refused. */
  readonly #failing = new Set<string>();
  #settings: GuardSettings;
  #state: JudgeState;
  #evictor: Evictor;
  #census: TrackedCensus | null = null;
  #verifyAt = Number.POSITIVE_INFINITY;
  #verifyScans = 0;
  #denied: string | null = null;
  #toldOthersAt = Number.NEGATIVE_INFINITY;
  /** What the last scan's plan has evicted. */
  #evicted: readonly Evicted[] = [];

  constructor({ settings, remembered, clockOffsetMs }: Omit<GuardBeginning, "netns">) {
    this.#settings = settings;
    this.#clockOffsetMs = clockOffsetMs;
    this.#state = initialState(remembered);
    this.#rules = new RuleKeeper(rulesOf(settings));
    this.#evictor = this.#newEvictor();
  }

  /** Scans and acts when it is time to; `monotonicMs` is the process's monotonic clock. */
  tick(monotonicMs: number): void {
    const now = monotonicMs + this.#clockOffsetMs;
    if (this.#rules.isDue(now)) this.#guarded("rules", () => this.#keepRules(now));
    if (this.#scanTimer.isDue(now, this.#settings, this.#verifyAt)) {
      this.#guarded("scan", () => this.#scan(now));
    }
  }

  /** What the kernel said when it refused for want of rights; null where it has not. */
  get denied(): string | null {
    return this.#denied;
  }

  /** What is new since the last time, or null. */
  takeNews(): News | null {
    return this.#news.take(this.#observes);
  }

  /** In how many milliseconds tick() is to be called again, as of its last call. */
  nextTickInMs(monotonicMs: number): number {
    const verifyInMs = this.#verifyAt - (monotonicMs + this.#clockOffsetMs);
    // A scan that failed left its time behind: it is tried again, but not without a pause.
    return Math.min(this.#scanTimer.againInMs, Math.max(TRIGGERS_EVERY_MS, verifyInMs));
  }

  /** Answers a request of the operator's. Throws when it cannot be done. */
  ask(request: GuardRequest, monotonicMs: number): GuardAnswer {
    const now = monotonicMs + this.#clockOffsetMs;
    switch (request.kind) {
      case "settings":
        this.#configure(request.settings, request.bans, now);
        return { kind: "done" };
      case "answer":
        return { kind: "done" };
      case "ban":
        return { kind: "evicted", evicted: this.#ban(request.bans, now) };
      case "unban":
        return { kind: "lifted", lifted: this.#unban(request.sources) };
      case "evict":
        this.#scan(now);
        return { kind: "evicted", evicted: this.#evict([request], now) };
      case "explain":
        this.#scan(now);
        return { kind: "explained", explained: this.#explain(request.source, now) };
      case "census":
        return this.#censusAnswer(request.top);
      case "bans":
        return { kind: "bans", bans: this.#heldBans(now) };
      case "standings":
        return { kind: "standings", standings: [...this.#state.standings.values()] };
      case "protected":
        return { kind: "protected", networks: this.#protected.at(now) };
      case "stop":
        if (!request.keep) this.#rules.tearDown();
        return { kind: "done" };
    }
  }

  [Symbol.dispose](): void {
    this.#tracker[Symbol.dispose]();
    this.#scanTimer[Symbol.dispose]();
    this.#transport[Symbol.dispose]();
    this.#rules[Symbol.dispose]();
  }

  get #observes(): boolean {
    return this.#settings.backend === "observe";
  }

  /** The highest of all listeners. In observe nothing is won by scanning more often than the budget allows. */
  #pressure(): Pressure {
    return this.#observes ? "calm" : highestPressure(this.#state.pressures.values());
  }

  #scan(now: number): void {
    const { policies, prefixes } = this.#settings;
    // Before the scan: what opens meanwhile is counted for the next one.
    const opens = this.#scanTimer.readOpens();
    const census = this.#tracker.scan(policies, prefixes, now);
    const startMs = threadCpuMs();
    const judgement = step(this.#state, census, this.#judging(now));
    const judgeMs = threadCpuMs() - startMs;
    this.#census = census;
    this.#state = judgement.state;
    const { nextScan } = judgement;
    const costMs = census.cpuMs + judgeMs;
    this.#scanTimer.scanned({ census, nextScan, pressure: this.#pressure(), costMs, opens });
    this.#guarded("rules", () => this.#rules.follow(census.listeners, this.#state.bans.values(), now));
    this.#carryOut(judgement, now);
    this.#tellScan(census, judgement, judgeMs);
  }

  #judging(now: number): StepOptions {
    const { terms, exemptions } = this.#settings.judging;
    return { terms, exemptions: { allow: exemptions.allow, protected: this.#protected.at(now) } };
  }

  /** First the ban, then the eviction: the other way round a hoarder is back before the ban. */
  #carryOut({ plan: { bans, evictions } }: Judgement, now: number): void {
    this.#evicted = [];
    if (bans.length > 0) {
      this.#guarded("ban", () => this.#rules.add(bans, now));
      this.#news.banned(bans);
    }
    if (evictions.length === 0) {
      this.#verified();
      return;
    }
    this.#guarded("evict", () => {
      const round = {
        pressed: this.#pressure() !== "calm",
        perSecond: this.#settings.evictPerSecond,
        nowMs: now,
      };
      const { evicted } = this.#evictor.carryOut(evictions, round);
      this.#evicted = evicted;
      this.#news.evicted(evicted, { observes: this.#observes });
    });
    if (!this.#observes)
      this.#verifyNext(
        evictions.some(({ rule }) => rule === BANNED),
        now,
      );
  }

  /** `again`: sources that were banned before still hold connections. */
  #verifyNext(again: boolean, now: number): void {
    this.#verifyAt = now + VERIFY_MS;
    this.#verifyScans = again ? this.#verifyScans + 1 : 0;
    if (this.#verifyScans !== VERIFY_SCANS_MAX) return;
    const text =
      "banned sources still hold connections after several evictions; `sockwarden doctor --prove` tells whether this kernel can evict";
    this.#news.health("eviction", "critical", text);
  }

  #verified(): void {
    this.#verifyAt = Number.POSITIVE_INFINITY;
    if (this.#verifyScans >= VERIFY_SCANS_MAX) this.#news.health("eviction", "notice", null);
    this.#verifyScans = 0;
  }

  #keepRules(now: number): void {
    const restored = this.#rules.restore(this.#state.bans.values(), now);
    if (restored === null) return;
    // Others change rules of their own all day long.
    if (restored === 0 && now - this.#toldOthersAt < TELL_OTHERS_MS) return;
    if (restored === 0) this.#toldOthersAt = now;
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

  #configure(settings: GuardSettings, bans: readonly Ban[] | null, now: number): void {
    this.#settings = settings;
    if (bans !== null) this.#state = withBans(withoutBans(this.#state, [...this.#state.bans.keys()]), bans);
    this.#guarded("backend", () => this.#rules.configure(rulesOf(settings)));
    this.#evictor = this.#newEvictor();
    this.#news.forget();
    this.#guarded("scan", () => this.#scan(now));
  }

  #newEvictor(): Evictor {
    const destroyer = this.#observes ? null : new SockDestroyer(this.#transport);
    return new Evictor({ tracker: this.#tracker, destroyer });
  }

  /** In the namespace of another listener there is nothing to be done. */
  #ban(all: readonly Ban[], now: number): EvictedFrom[] {
    const bans = all.filter(({ listener }) => listener === null || this.#isHere(listener));
    if (bans.length === 0) return [];
    this.#rules.add(bans, now);
    this.#state = withBans(this.#state, bans);
    // The judge takes from banned sources what they hold, and leaves out who is exempt inside.
    this.#scan(now);
    return bans.filter(({ kind }) => kind === "ban").map((ban) => this.#evictedBy(ban, now));
  }

  #evictedBy(ban: Ban, now: number): EvictedFrom {
    const { source, listener } = ban;
    // Narrower than a source: the judge knows sources only.
    if (source.bits > sourceBits(source.address, this.#settings.prefixes)) return this.#evict([ban], now)[0]!;
    const evicted = this.#evicted.filter(
      (of) =>
        of.rule === BANNED &&
        contains(source, of.source.address) &&
        (listener === null || of.listener === listener),
    );
    return { source, evicted: evicted.reduce((sum, { count }) => sum + count, 0) };
  }

  #isHere(listener: string): boolean {
    return this.#census?.listeners.some(({ name }) => name === listener) ?? false;
  }

  #unban(sources: readonly Network[] | "all"): Ban[] {
    const names = sources === "all" ? null : new Set(sources.map(formatNetwork));
    const lifted = [...this.#state.bans.values()].filter(
      ({ source }) => names === null || names.has(formatNetwork(source)),
    );
    this.#rules.remove(lifted);
    this.#state = withoutBans(this.#state, lifted.map(banKeyText));
    return lifted;
  }

  /** Everything that these hold, as of the last scan. */
  #evict(targets: readonly Pick<Ban, "source" | "listener">[], now: number): EvictedFrom[] {
    const round = { pressed: true, perSecond: this.#settings.evictPerSecond, nowMs: now };
    return targets.map(({ source, listener }) => {
      const eviction: Eviction = {
        source,
        listener,
        proofs: PROOFS,
        max: Number.POSITIVE_INFINITY,
        rule: "operator",
      };
      const { evicted } = this.#evictor.carryOut([eviction], round);
      return { source, evicted: evicted.reduce((sum, { count }) => sum + count, 0) };
    });
  }

  #explain(source: Network, now: number): Explained {
    const text = formatNetwork(source);
    return {
      connections: this.#tracker.connectionsOf(source).map(({ listener, proofs }) => ({
        listener,
        connections: Object.values(proofs).reduce((sum, count) => sum + count, 0),
        proofs,
      })),
      standings: [...this.#state.standings.values()].filter((standing) => standing.source === text),
      matches: explainSource(this.#state, this.#census!, { source, options: this.#judging(now) }),
    };
  }

  #censusAnswer(top: number): GuardAnswer {
    const census = this.#census;
    const listeners = census === null ? [] : largestSources(census, top);
    return { kind: "census", takenAt: census?.takenAt ?? null, listeners };
  }

  #heldBans(now: number): HeldBan[] {
    const packets = new Map(this.#rules.list().map((held) => [banKeyText(held), held.packets]));
    return [...this.#state.bans.values()]
      .filter(({ until }) => until > now)
      .map((ban) => ({ ban, packets: packets.get(banKeyText(ban)) ?? null }));
  }

  #tellScan(census: TrackedCensus, judgement: Judgement, judgeMs: number): void {
    let bans = 0;
    for (const { kind } of judgement.state.bans.values()) if (kind === "ban") bans++;
    const caps = judgement.state.bans.size - bans;
    this.#news.scanned(scannedOf(census, judgement, { judgeMs, bans, caps }));
    this.#news.found(judgement.findings);
  }

  #well(what: string): void {
    if (this.#failing.delete(what)) this.#news.health(what, "notice", null);
  }

  /** What the kernel refuses is told, and tried again at the next scan; the guarding goes on. */
  #guarded(what: string, work: () => void): void {
    try {
      work();
      this.#well(what);
      // Once the rules stand, all bans stand in them.
      if (what === "rules") this.#well("ban");
    } catch (error) {
      this.#failing.add(what);
      if (error instanceof BackendError && error.code === "denied") this.#denied = error.message;
      this.#news.health(what, "critical", reasonOf(error));
    }
  }
}

function rulesOf({ judging, ...settings }: GuardSettings): RuleSettings {
  return { ...settings, allow: judging.exemptions.allow };
}
