// What the daemon offers to others: the contract's wire types, the routes over HTTP, the metrics. In: a GuardService (what
// the daemon can do), requests. Out: JSON documents of the contract, each with `schema: 1`. Promises: a malformed request
// is an error that names the field and what is accepted, and changes nothing; who asked is known by peer credentials
// or by token; bodies and lists have bounds; no label per address in the metrics.

export type { ApiLog } from "./api-log.ts";
export { createApi } from "./app.ts";
export type * from "./contract.ts";
export { ServiceError } from "./errors.ts";
export { serveTcp } from "./serve-tcp.ts";
export { serveUnix } from "./serve-unix.ts";
export type { AllowOrder, BanOrder, Caller, EvictOrder, GuardService, UnbanOrder } from "./service.ts";
