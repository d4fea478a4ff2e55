// The memory of one monitor: its state with hysteresis, its last probes, the last result in full.

import type { MonitorConfig } from "../../config/index.ts";
import {
  type Hysteresis,
  MonitorHistory,
  type MonitorState,
  type Outcome,
  outcomeWords,
  type Phase,
  type PhaseTimes,
  type ProbeResult,
  type State,
  stateOf,
  stepMonitor,
  type Target,
  UNKNOWN_MONITOR,
} from "../../sip/index.ts";
import type { ProbeDiagnosis } from "./diagnose-failure.ts";

/** A monitor as status, API and dashboard show it. Times are milliseconds since the epoch. */
export interface MonitorSnapshot {
  readonly name: string;
  readonly target: string;
  readonly listener: string | null;
  /** Null before the first probe. */
  readonly state: State | null;
  readonly since: number | null;
  /** Time of the last probe; null before the first. */
  readonly at: number | null;
  readonly outcome: Outcome | null;
  readonly phase: Phase | null;
  /** What the outcome means, in words. */
  readonly text: string | null;
  readonly code: number | null;
  readonly reason: string | null;
  readonly ms: PhaseTimes | null;
  readonly certificateExpiresAt: number | null;
  /** Of the last probe while it fails: its cause, from the guard's view of its listener. */
  readonly diagnosis: ProbeDiagnosis | null;
  /** Part of the remembered probes that were answered, 0 to 1; null before the first. */
  readonly availability: number | null;
  readonly probes: number;
}

/** A change of state: the moment to tell someone. */
export interface MonitorChange {
  readonly name: string;
  readonly target: string;
  readonly from: State | null;
  readonly to: State;
  readonly at: number;
  /** One line for people. */
  readonly text: string;
  readonly diagnosis: ProbeDiagnosis | null;
}

export interface ServiceMemory {
  readonly historySize: number;
  readonly hysteresis: Hysteresis;
}

export class WatchedService {
  readonly config: MonitorConfig;
  readonly target: Target;
  readonly #history: MonitorHistory;
  readonly #hysteresis: Hysteresis;
  #state: MonitorState = UNKNOWN_MONITOR;
  #last: ProbeResult | null = null;
  #diagnosis: ProbeDiagnosis | null = null;
  #certificateExpiresAt: number | null = null;
  #probes = 0;

  constructor(config: MonitorConfig, target: Target, { historySize, hysteresis }: ServiceMemory) {
    this.config = config;
    this.target = target;
    this.#history = new MonitorHistory(historySize);
    this.#hysteresis = hysteresis;
  }

  get state(): State | null {
    return this.#state.state;
  }

  get certificateExpiresAt(): number | null {
    return this.#certificateExpiresAt;
  }

  /** Takes a result in, and returns the change of state if there is one. A first state of up is no change. */
  absorb(result: ProbeResult, diagnosis: ProbeDiagnosis | null): MonitorChange | null {
    const { at, outcome, ms, attempt } = result;
    const before = this.#state.state;
    this.#last = result;
    this.#diagnosis = diagnosis;
    this.#probes++;
    this.#history.add({ at, outcome, totalMs: ms.total });
    // A probe that ended before the certificate says nothing about it.
    this.#certificateExpiresAt = attempt?.tls?.notAfterMs ?? this.#certificateExpiresAt;
    this.#state = stepMonitor(this.#state, stateOf(outcome), at, this.#hysteresis).next;
    const to = this.#state.state;
    if (to === null || to === before || (before === null && to === "up")) return null;
    return { ...this.#named(), from: before, to, at, text: this.#changeText(to, result), diagnosis };
  }

  snapshot(): MonitorSnapshot {
    const last = this.#last;
    return {
      ...this.#named(),
      listener: this.config.listener,
      state: this.#state.state,
      since: this.#state.state === null ? null : this.#state.since,
      at: last?.at ?? null,
      outcome: last?.outcome ?? null,
      phase: last?.phase ?? null,
      text: last === null ? null : outcomeWords(last.outcome).text,
      code: last?.attempt?.code ?? null,
      reason: last?.attempt?.reason ?? null,
      ms: last?.ms ?? null,
      certificateExpiresAt: this.#certificateExpiresAt,
      diagnosis: this.#diagnosis,
      availability: this.#history.availability(0),
      probes: this.#probes,
    };
  }

  #named(): { readonly name: string; readonly target: string } {
    return { name: this.config.name, target: this.config.target };
  }

  #changeText(to: State, { outcome, phase, detail }: ProbeResult): string {
    const said = detail === "" ? "" : ` (${detail})`;
    const why = this.#diagnosis === null ? "" : `; ${this.#diagnosis.text}`;
    return `${this.config.name} is ${to}: ${outcomeWords(outcome).text}, in the phase ${phase}${said}${why}`;
  }
}
