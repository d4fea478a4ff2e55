// The typed client of the daemon's API over its unix socket. In: the socket's path, requests of the contract. Out:
// documents of the contract. Promises: no daemon, no right to talk to it and a refusal are told apart (ClientError with a
// code), each with what to do next; every request has a time limit.

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
