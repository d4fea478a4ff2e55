// proxied: most of a listener's proven connections come from one source. The operator is told, because limits by source
// mean little there: the real clients' addresses are hidden behind it.

import type { RuleName } from "../../model/index.ts";
import { hasMostProven, PROVEN_MIN } from "../proxy.ts";
import type { Round } from "../round.ts";

const RULE: RuleName = "proxied";

export function proxied(round: Round): void {
  for (const source of round.view.withMerits(PROVEN_MIN)) {
    if (!hasMostProven(round.view, source) || round.exemption(source).kind !== "none") continue;
    const proven = round.view.count(source, "proven");
    const all = round.view.provenOf(source.listener);
    round.tell({
      rule: RULE,
      severity: "warning",
      listener: round.view.listeners[source.listener]!.name,
      source: round.view.textOf(source),
      text: `${proven} of ${all} proven connections come from it: a proxy, a load balancer or a carrier's NAT. It is not banned; allow it, or let it pass its clients' addresses on`,
      numbers: { proven, all },
    });
  }
}
