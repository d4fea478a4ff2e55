// Carries a plan out. In: bans, sockets to be destroyed, what the kernel should hold. Out: what was changed, what is
// in the kernel, what was refused. Promises: nothing but our own table, sets and one jump each is touched; everything is
// safe to repeat; every ban carries a timeout in the kernel, so that it ends without us; a refusal names the operation and
// has the other side's words; `observe` changes nothing.

export type {
  Backend,
  BackendName,
  Changed,
  FailedBan,
  GuardedListener,
  KernelBan,
  RulesetSpec,
} from "./backend.ts";
export { BackendError } from "./backend-error.ts";
export {
  type EvictedConnections,
  type EvictionResult,
  type EvictionRound,
  Evictor,
  type EvictorParts,
  type HeldSockets,
  type RowDestroyer,
} from "./evictor.ts";
export { openIpset } from "./ipset.ts";
export { type NftablesOptions, openNftables, openSetOnly } from "./nftables.ts";
export { openObserve } from "./observe.ts";
export { ProtectedAddresses } from "./protected-addresses.ts";
export { type Difference, difference, type Reconciled, reconcile, TOLERANCE_MS } from "./reconcile.ts";
export { RuleKeeper, type RuleSettings } from "./rule-keeper.ts";
