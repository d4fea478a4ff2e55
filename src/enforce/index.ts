// Carries a plan out, and keeps it in force.
//
// In:  bans, sockets to be destroyed, where the listeners are, what the kernel should hold.
// Out: what was changed, what is in the kernel, what was refused; who must never be shut out of this host.
// Promises: nothing but our own table, sets and one jump each is touched; everything is safe to repeat; every ban carries a
//      timeout in the kernel, so that it ends without us; a refusal names the operation and has the other side's words;
//      `observe` changes nothing.

export type { KernelBan } from "./backend.ts";
export { BACKEND_ENTRIES } from "./backends.ts";
export { type EvictedConnections, Evictor } from "./evictor.ts";
export { ProtectedAddresses } from "./protected-addresses.ts";
export { RuleKeeper, type RuleSettings } from "./rule-keeper.ts";
export type { CanaryAddresses, SelfTest } from "./self-test.ts";
