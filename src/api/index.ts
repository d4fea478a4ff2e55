// What the daemon offers to others: the contract's wire types, the routes over HTTP, the metrics. In: an ApiService (what
// the daemon can do, in the model's values) and requests. Out: JSON documents of the contract, each with `schema: 1`.
// Promises: each request is parsed once, here; a malformed one is an error that names the field and what is accepted, and
// changes nothing. Who asked is known by peer credentials or by token. Bodies and lists have bounds. No label per address is
// in the metrics.

export type { ApiLog } from "./api-types.ts";
export { createApi } from "./app.ts";
export type {
  AllowDocument,
  AllowlistDocument,
  AllowRequest,
  BanDocument,
  BanRequest,
  BansDocument,
  CensusDocument,
  CheckDocument,
  DoneDocument,
  ErrorDocument,
  EventDocument,
  EvictRequest,
  ExplainDocument,
  HealthItem,
  ListenerStatus,
  MonitorStatus,
  ReadDocuments,
  StatusDocument,
  UnbanRequest,
} from "./contract.ts";
export { ServiceError } from "./errors.ts";
export { serveTcp } from "./serve-tcp.ts";
export { serveUnix } from "./serve-unix.ts";
export type {
  AllowCommand,
  ApiService,
  BanCommand,
  Caller,
  EvictCommand,
  UnbanCommand,
} from "./service.ts";
