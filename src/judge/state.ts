// The judge's memory from outside: how it begins, and what the operator changes in it.

import type { Ban } from "../model/index.ts";
import type { BanHistory, JudgeState, Standing } from "./judge-types.ts";
import { banKey } from "./round.ts";

export interface Remembered {
  readonly standings: readonly Standing[];
  readonly bans: readonly Ban[];
  readonly histories: readonly BanHistory[];
}

/** What a restart brings along; nothing for a first start. */
export function initialState({ standings, bans, histories }: Remembered): JudgeState {
  return {
    standings: new Map(standings.map((standing) => [`${standing.listener} ${standing.source}`, standing])),
    bans: new Map(bans.map((ban) => [banKey(ban), ban])),
    histories: new Map(histories.map((history) => [history.source, history])),
    pressures: new Map(),
    excesses: new Map(),
    told: new Map(),
    steppedAt: null,
  };
}

/** With bans added, or renewed. */
export function withBans(state: JudgeState, bans: readonly Ban[]): JudgeState {
  const next = new Map(state.bans);
  for (const ban of bans) next.set(banKey(ban), ban);
  return { ...state, bans: next };
}

/** Without those bans; forgets that their sources have passed a limit, so that they begin anew. */
export function withoutBans(state: JudgeState, keys: readonly string[]): JudgeState {
  const next = new Map(state.bans);
  for (const key of keys) next.delete(key);
  return { ...state, bans: next };
}
