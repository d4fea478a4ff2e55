// The documents of `tune`, as the contract has them: from a plan to plain JSON.

import type { Applied, RolledBack, TunePlan } from "../../tune/index.ts";

export interface TunePlanDocument extends Omit<TunePlan, "changes"> {
  readonly changes: readonly {
    readonly what: string;
    readonly live: string | null;
    readonly wanted: string;
    readonly why: string;
    readonly bites: string;
    readonly risk: string;
  }[];
}

export function planDocument(plan: TunePlan): TunePlanDocument {
  const changes = plan.changes.map(({ what, live, wanted, why, bites, risk }) => ({
    what,
    live,
    wanted,
    why,
    bites,
    risk,
  }));
  return { ...plan, changes };
}

/** The result of `apply`; with null the result that it would have. */
export function applyDocument(plan: TunePlan, applied: Applied | null): object {
  return { applied: applied !== null, ...planDocument(plan), ...applied };
}

export function rollbackDocument({ found, ...rest }: RolledBack): object {
  return { rolledBack: found, ...rest };
}
