// The judge's memory as the guard handles it: its beginning, and the operator's changes.

import { type Ban, banKeyText, formatNetwork } from "../model/index.ts";
import type { BanHistory, JudgeState, Standing } from "./judge-types.ts";

export interface JudgeMemory {
  readonly standings: readonly Standing[];
  readonly bans: readonly Ban[];
  readonly histories: readonly BanHistory[];
}

/** The state at the start, made of what a restart brings along; a first start has nothing. */
export function initialState({ standings, bans, histories }: JudgeMemory): JudgeState {
  return {
    standings: new Map(standings.map((standing) => [`${standing.listener} ${standing.source}`, standing])),
    bans: new Map(bans.map((ban) => [banKeyText(ban), ban])),
    histories: new Map(histories.map((history) => [history.source, history])),
    pressures: new Map(),
    excesses: new Map(),
    told: new Map(),
    steppedAt: null,
  };
}

/** The state with these bans added or renewed. */
export function withBans(state: JudgeState, bans: readonly Ban[]): JudgeState {
  const next = new Map(state.bans);
  for (const ban of bans) next.set(banKeyText(ban), ban);
  return { ...state, bans: next };
}

/** The state without these bans. It also forgets that their sources passed a limit, so that they begin anew. */
export function withoutBans(state: JudgeState, keys: readonly string[]): JudgeState {
  const bans = new Map(state.bans);
  const lifted = new Set<string>();
  for (const key of keys) {
    const ban = bans.get(key);
    if (ban !== undefined && bans.delete(key)) lifted.add(formatNetwork(ban.source));
  }
  const excesses = new Map(state.excesses);
  for (const key of state.excesses.keys()) if (lifted.has(sourceOfKey(key))) excesses.delete(key);
  return { ...state, bans, excesses };
}

/** The source in a key of listener and source. It stands behind the last blank, since a listener's name may have blanks. */
function sourceOfKey(key: string): string {
  return key.slice(key.lastIndexOf(" ") + 1);
}
