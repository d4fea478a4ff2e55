// The state of a monitor. It changes only once the probes are sure: one lost datagram is no outage, and one answer in
// an outage is no recovery.
//
//   goes worse   when `failures` of the last `window` probes were at least as bad
//   goes better  after `recoveries` probes in a row that were at least as good
//
// The first probes decide at once, since there is no state to hold on to.

import type { State } from "./outcome.ts";

export interface Hysteresis {
  readonly failures: number;
  readonly window: number;
  readonly recoveries: number;
}

export const DEFAULT_HYSTERESIS: Hysteresis = { failures: 3, window: 5, recoveries: 2 };

export interface MonitorState {
  /** Null before the first probe. */
  readonly state: State | null;
  /** Since when, in the caller's time. */
  readonly since: number;
  /** The latest results since the last change, oldest first; no more than the window and the recoveries need. */
  readonly recent: readonly State[];
}

export const UNKNOWN_MONITOR: MonitorState = { state: null, since: 0, recent: [] };

export interface MonitorStep {
  readonly next: MonitorState;
  /** The state that this step left, the moment to tell someone; null where it left none. */
  readonly changedFrom: State | null;
}

const BADNESS: Readonly<Record<State, number>> = { up: 0, degraded: 1, down: 2 };

/** Takes in what a probe said at `now`. */
export function stepMonitor(
  monitor: MonitorState,
  said: State,
  now: number,
  hysteresis: Hysteresis,
): MonitorStep {
  const kept = Math.max(hysteresis.window, hysteresis.recoveries);
  const recent = [...monitor.recent, said].slice(-kept);
  if (monitor.state === null) return { next: { state: said, since: now, recent }, changedFrom: null };
  const state = settle(monitor.state, recent, hysteresis);
  if (state === monitor.state) return { next: { ...monitor, recent }, changedFrom: null };
  // A change empties the window: old failures in it would undo a recovery at the next failure.
  return { next: { state, since: now, recent: [] }, changedFrom: monitor.state };
}

function settle(state: State, recent: readonly State[], { failures, window, recoveries }: Hysteresis): State {
  const inWindow = recent.slice(-window);
  for (const worse of ["down", "degraded"] as const) {
    const count = inWindow.filter((said) => BADNESS[said] >= BADNESS[worse]).length;
    if (BADNESS[worse] > BADNESS[state] && count >= failures) return worse;
  }
  const last = recent.slice(-recoveries);
  // The worst of the last probes counts: two degraded ones lead from down to degraded, not to up.
  const worstOfLast = last.reduce<State>(
    (worst, said) => (BADNESS[said] > BADNESS[worst] ? said : worst),
    "up",
  );
  return last.length === recoveries && BADNESS[worstOfLast] < BADNESS[state] ? worstOfLast : state;
}
