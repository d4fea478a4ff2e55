// The service behind the API: its ApiService over the daemon's parts. Each subject has a file of its own; values come
// in, and the contract's documents go out.

import type {
  AllowCommand,
  AllowlistDocument,
  ApiService,
  BanCommand,
  BansDocument,
  Caller,
  CensusDocument,
  CheckDocument,
  DoneDocument,
  EventDocument,
  EvictCommand,
  ExplainDocument,
  StatusDocument,
  UnbanCommand,
} from "../../api/index.ts";
import type { Network } from "../../model/index.ts";
import type { Core } from "../core.ts";
import { callerName } from "../documents.ts";
import { allowlistDocument, allowSource, disallowSource } from "./allowlist.ts";
import { banSources, bansInForce, unbanSources } from "./bans.ts";
import { evictSource } from "./evict.ts";
import { explainDocument } from "./explain.ts";
import { censusDocument, statusDocument } from "./views.ts";

export class DaemonService implements ApiService {
  readonly #core: Core;

  constructor(core: Core) {
    this.#core = core;
  }

  status(): StatusDocument {
    return statusDocument(this.#core);
  }

  census(top: number): Promise<CensusDocument> {
    return censusDocument(this.#core, top);
  }

  bans(): Promise<BansDocument> {
    return bansInForce(this.#core);
  }

  ban(order: BanCommand, caller: Caller): Promise<DoneDocument> {
    return banSources(this.#core, order, callerName(caller));
  }

  unban(order: UnbanCommand, caller: Caller): Promise<DoneDocument> {
    return unbanSources(this.#core, order, callerName(caller));
  }

  allow(order: AllowCommand, caller: Caller): Promise<DoneDocument> {
    return allowSource(this.#core, order, callerName(caller));
  }

  disallow(source: Network, caller: Caller): Promise<DoneDocument> {
    return disallowSource(this.#core, source, callerName(caller));
  }

  allowlist(): Promise<AllowlistDocument> {
    return allowlistDocument(this.#core);
  }

  evict(order: EvictCommand, caller: Caller): Promise<DoneDocument> {
    return evictSource(this.#core, order, callerName(caller));
  }

  explain(source: Network): Promise<ExplainDocument> {
    return explainDocument(this.#core, source);
  }

  reload(caller: Caller): Promise<CheckDocument> {
    return this.#core.reload(callerName(caller));
  }

  metrics(): Promise<string> {
    return this.#core.metrics.text();
  }

  follow(listener: (event: EventDocument) => void): () => void {
    return this.#core.events.follow(listener);
  }
}
