// The parts that several scenarios share: the honest clients, and the strict limits of the account that the project
// comes from.

import type { HonestPlan } from "./scenario.ts";

/** The account's strict limit. Its author knew his clients: an honest address never held more than 43. */
export const STRICT_CONNECTIONS = 60;
export const STRICT_NEW = { count: 128, perTrueMs: 600_000 } as const;

/** Registered phones with addresses of their own, which ping as RFC 5626 says, and callers from elsewhere. */
export const PHONES: HonestPlan = {
  held: 50,
  addresses: 50,
  pingTrueMs: 100_000,
  callers: 64,
  callEveryMs: 200,
};
