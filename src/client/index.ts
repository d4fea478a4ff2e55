// The typed client of the daemon's API over its unix socket.
//
// In:  the socket's path, and requests of the contract.
// Out: documents of the contract.
// Promises: a ClientError says by its code whether there is no daemon, no right to talk to it, or a refusal, and what
//      to do next. Every request has a time limit.

export type {
  AllowDocument,
  AllowlistDocument,
  BanDocument,
  BanRequest,
  BansDocument,
  CheckDocument,
  DoneDocument,
  ExplainDocument,
  HealthItem,
  ListenerStatus,
  MonitorStatus,
  StatusDocument,
} from "../api/index.ts";
export { type Client, openClient } from "./client.ts";
export { ClientError } from "./errors.ts";
