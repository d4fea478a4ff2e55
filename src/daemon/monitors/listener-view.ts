// A listener as the guard last saw it, for the diagnosis of monitors.

import type { WatchedListener } from "../../census/index.ts";
import type { Pressure } from "../../model/index.ts";
import type { ListenerView } from "./diagnose-failure.ts";

/** What the guard knows of a listener beside its sockets. */
export interface GuardedState {
  readonly pressure: Pressure;
  /** Bans and caps that stand for it. */
  readonly activeBans: number;
  /** The text of the latest finding about a hoard that goes on; null where there is none. */
  readonly hoard: string | null;
}

type Seen = Pick<WatchedListener, "name" | "endpoints" | "processes" | "owner" | "slots" | "used">;

export function listenerView(seen: Seen, state: GuardedState): ListenerView {
  const { name, endpoints, processes, owner, slots, used } = seen;
  return {
    ...state,
    name,
    slots,
    used,
    fdUsed: owner?.fdUsed ?? null,
    fdLimit: owner?.fdLimit ?? null,
    backlogs: endpoints.map(({ backlog }) => backlog),
    processes: processes.length,
  };
}
