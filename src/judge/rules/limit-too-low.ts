// limit-too-low: slots are critical, and nobody holds connections that may be taken. That is honest growth: nothing is
// done, and the operator is told.

import type { RuleName } from "../../model/index.ts";
import type { OwnerGroup } from "../pressure.ts";
import type { Round } from "../round.ts";

const RULE: RuleName = "limit-too-low";

export function limitTooLow(round: Round, { listeners, used, slots }: OwnerGroup): void {
  const young = round.view.youngIn(listeners);
  const name = [...listeners].map((i) => round.view.listeners[i]!.name).join(", ");
  round.tell({
    rule: RULE,
    severity: "critical",
    listener: name,
    source: null,
    text:
      `connections that must not be evicted fill the slots (${used} of ${slots ?? "?"}, ${young} of them young, one or a few a source): ` +
      "none is shed; the limit is too low for what honest clients need",
    numbers: { used, slots: slots ?? 0, young },
  });
}
