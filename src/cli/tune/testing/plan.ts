// A plan for tests: the account's machine, with 100 000 phones to come.

import { planTune, type TunePlan } from "../../../tune/index.ts";
import { accountMachine } from "../../../tune/testing/facts.ts";

export function accountPlan(): TunePlan {
  return planTune(accountMachine(), {
    profile: "mobile",
    connections: 100_000,
    perSecond: null,
    service: null,
  });
}
