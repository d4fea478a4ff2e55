// banned: evicts what a banned source still holds, because a ban alone frees nothing.

import type { RuleName } from "../../model/index.ts";
import { ALL_BUT_LEAKED, type Round } from "../round.ts";

const RULE: RuleName = "banned";

export function banned(round: Round): void {
  if (round.bans.bans.size === 0) return;
  const { view } = round;
  for (let row = 0; row < view.length; row++) {
    if (view.heldBy(row) === 0) continue;
    const source = view.at(row);
    const { name } = view.listeners[source.listener]!;
    if (!round.isKeptOff(source.network, name, "ban") || round.exemption(source).kind === "exempt") continue;
    round.evict(source, ALL_BUT_LEAKED, { rule: RULE });
  }
}
