// leaked: connections that the peer has closed and the program has not. That is the program's fault, so nobody is
// banned. They are evicted only if the operator has agreed to it and the slots are scarce.

import { LEFT_OPEN, type RuleName } from "../../model/index.ts";
import type { OwnerGroup } from "../pressure.ts";
import type { Round } from "../round.ts";

const RULE: RuleName = "leaked";
/** Fewer are no leak: every closed connection looks like one until the program notices. */
const TOLD_FROM = 50;

export function leaked(round: Round, group: OwnerGroup): void {
  for (const listener of group.listeners) {
    const { name, policy, conduct } = round.view.listeners[listener]!;
    if (conduct.leaked < TOLD_FROM) continue;
    const evicts = policy.evictLeaked && group.pressure !== "calm";
    if (evicts) evictAll(round, listener);
    round.tell({
      rule: RULE,
      severity: "warning",
      listener: name,
      source: null,
      text: `the program has not closed ${conduct.leaked} connections that their peers have closed: the program leaks, and nobody else is to blame`,
      numbers: { leaked: conduct.leaked },
    });
  }
}

function evictAll(round: Round, listener: number): void {
  for (const source of round.view.withLeaked(listener)) {
    if (round.exemption(source).kind === "none") round.evict(source, LEFT_OPEN, { rule: RULE });
  }
}
