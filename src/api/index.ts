// What the daemon offers to others: the wire types of the contract, the routes over HTTP, the live stream.
//
// In:  an ApiService, which is what the daemon can do, in the model's values; requests.
// Out: JSON documents of the contract, each with `schema: 1`; the metrics as the daemon renders them.
// Promises: each request is parsed once, here. A malformed request changes nothing; its error names the field and what
//      is accepted. Peer credentials or a token tell who asked. Bodies, lists and streams have bounds.

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
