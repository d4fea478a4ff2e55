// postponed: tells how many findings and bans of this scan found no room.

import type { Finding, RuleName } from "../../model/index.ts";
import type { Round } from "../round.ts";

const RULE: RuleName = "postponed";

export function postponed({ untold, putOff }: Round): Finding[] {
  if (untold + putOff === 0) return [];
  const text = `${untold} more findings and ${putOff} more bans of this scan wait for the next scan`;
  const numbers = { untold, putOff };
  return [{ rule: RULE, severity: "notice", listener: null, source: null, text, numbers }];
}
