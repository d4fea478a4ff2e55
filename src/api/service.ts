// The service behind the API, in the model's values. The routes parse each request once: behind them a source is a
// Network and a term is milliseconds. Only the answers are the contract's documents.

import type { AllowEntry, Network } from "../model/index.ts";
import type {
  CensusDocument,
  CheckDocument,
  DoneDocument,
  EventDocument,
  ExplainDocument,
  ReadDocuments,
  StatusDocument,
} from "./contract.ts";

/** The caller, as far as it is known. */
export interface Caller {
  readonly uid: number | null;
  readonly pid: number | null;
}

export interface BanCommand {
  /** Each once. */
  readonly sources: readonly Network[];
  /** Null: the configured first term. */
  readonly termMs: number | null;
  readonly reason: string | null;
  /** Name of a listener; null for every guarded one. */
  readonly listener: string | null;
}

export interface UnbanCommand {
  /** Each once. */
  readonly sources: readonly Network[] | "all";
}

/** A reason of null keeps the reason of an earlier entry of the same network. */
export type AllowCommand = AllowEntry;

export interface EvictCommand {
  readonly source: Network;
  /** Name of a listener; null for every guarded one. */
  readonly listener: string | null;
}

/** One method for each document that is read by its name alone. */
type ReadService = {
  readonly [Name in keyof ReadDocuments]: () => ReadDocuments[Name] | Promise<ReadDocuments[Name]>;
};

/** Every method throws ServiceError where a request cannot be done at all. */
export interface ApiService extends ReadService {
  status(): StatusDocument;
  /** `top` bounds the sources of each listener. */
  census(top: number): CensusDocument | Promise<CensusDocument>;
  ban(order: BanCommand, caller: Caller): Promise<DoneDocument>;
  unban(order: UnbanCommand, caller: Caller): Promise<DoneDocument>;
  allow(order: AllowCommand, caller: Caller): Promise<DoneDocument>;
  disallow(source: Network, caller: Caller): Promise<DoneDocument>;
  evict(order: EvictCommand, caller: Caller): Promise<DoneDocument>;
  explain(source: Network): Promise<ExplainDocument>;
  reload(caller: Caller): Promise<CheckDocument>;
  /** Prometheus text. */
  metrics(): Promise<string>;
  /** Calls back for every event until the returned function is called. */
  follow(listener: (event: EventDocument) => void): () => void;
}
