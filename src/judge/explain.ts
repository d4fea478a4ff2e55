// Tells what the rules would do about one source, and why: for `sockwarden explain`. It runs the rules themselves on
// the last scan, so its answer is always the guard's own.

import { formatNetwork, type Network, type RuleName, touches } from "../model/index.ts";
import type { TrackedCensus } from "../track/index.ts";
import { exemptionOf } from "./exemptions.ts";
import type { JudgeState, StepOptions } from "./judge-types.ts";
import { step } from "./step.ts";

export interface RuleMatch {
  readonly rule: RuleName;
  /** The action: `ban`, `cap`, `evict N`, or the reason for none. */
  readonly would: string;
  readonly because: string;
}

export function explainSource(
  state: JudgeState,
  census: TrackedCensus,
  { source, options }: { readonly source: Network; readonly options: StepOptions },
): RuleMatch[] {
  const exemption = exemptionOf(options.exemptions, source);
  if (exemption.kind === "exempt")
    return [{ rule: "allowlist", would: "do nothing, ever", because: exemption.reason }];
  // An empty `told` makes the rules tell every finding, even one told a moment ago.
  const judged = step({ ...state, told: new Map() }, census, options);
  const reasons = new Map(
    judged.findings
      .filter((finding) => finding.source !== null)
      .map((finding) => [`${finding.rule} ${finding.source}`, finding.text]),
  );
  const because = (rule: RuleName, network: Network): string =>
    reasons.get(`${rule} ${formatNetwork(network)}`) ?? "see the findings of its network";
  const bans = judged.plan.bans
    .filter((ban) => touches(source, ban.source))
    .map(({ rule, kind, reason }) => ({ rule, would: kind, because: reason }));
  const evictions = judged.plan.evictions
    .filter((eviction) => touches(source, eviction.source))
    .map(({ rule, source: network, proofs, max }) => ({
      rule,
      would: `evict ${Number.isFinite(max) ? `at most ${max} of ` : ""}what is ${proofs.join(", ")}`,
      because: because(rule, network),
    }));
  return [...bans, ...evictions];
}
