// Carries a plan out, and keeps it in force.
//
// In:  bans, sockets to destroy, where the listeners are, and what the kernel should hold.
// Out: what was changed, what the kernel holds, what was refused; the addresses that must never be banned on this host.
// Promises: only our own table, our own sets and chains, and one jump for each are touched. Everything may be repeated.
//      Every ban has a timeout in the kernel and ends without us. A refusal names the operation and quotes the other
//      side's words. The backend `observe` changes nothing.

export type { KernelBan } from "./backend.ts";
export { BACKEND_ENTRIES } from "./backends.ts";
export { type EvictedConnections, Evictor } from "./evictor.ts";
export { ProtectedAddresses } from "./protected-addresses.ts";
export { RuleKeeper, type RuleSettings } from "./rule-keeper.ts";
export type { CanaryAddresses, SelfTest } from "./self-test.ts";
