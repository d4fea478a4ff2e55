// What the daemon offers to others: the contract's wire types, the routes over HTTP, the metrics. In: a GuardService (what
// the daemon can do), requests. Out: JSON documents of the contract, each with `schema: 1`. Promises: a malformed request
// is an error that names the field and what is accepted, and changes nothing; who asked is known by peer credentials
// or by token; bodies and lists have bounds; no label per address in the metrics.

export { type Api, type ApiLog, type ApiOptions, createApi } from "./app.ts";
export type * from "./contract.ts";
export { ApiError, type ApiErrorCode, type Complaint, ServiceError } from "./errors.ts";
export type { ServerLimits } from "./http-server.ts";
export { serveTcp, type TcpApi, type TcpOptions } from "./serve-tcp.ts";
export { serveUnix, type UnixOptions } from "./serve-unix.ts";
export type {
  AllowCommand,
  BanCommand,
  Caller,
  EvictCommand,
  GuardService,
  UnbanCommand,
} from "./service.ts";
