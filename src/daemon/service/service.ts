// What the daemon can do for those who ask: the API's GuardService over its parts. Each subject has a file of its own;
// values come in, and the contract's documents go out.

import type {
  AllowlistDocument,
  AllowOrder,
  BanOrder,
  BansDocument,
  Caller,
  CensusDocument,
  CheckDocument,
  DoneDocument,
  EventDocument,
  EvictOrder,
  ExplainDocument,
  GuardService,
  StatusDocument,
  UnbanOrder,
} from "../../api/index.ts";
import type { Network } from "../../model/index.ts";
import type { Core } from "../core.ts";
import { nameOf } from "../documents.ts";
import { allow, allowlist, disallow } from "./allowlist.ts";
import { ban, bansInForce, unban } from "./bans.ts";
import { evict } from "./evict.ts";
import { explain } from "./explain.ts";
import { census, status } from "./views.ts";

export class DaemonService implements GuardService {
  readonly #core: Core;

  constructor(core: Core) {
    this.#core = core;
  }

  status(): StatusDocument {
    return status(this.#core);
  }

  census(top: number): Promise<CensusDocument> {
    return census(this.#core, top);
  }

  bans(): Promise<BansDocument> {
    return bansInForce(this.#core);
  }

  ban(order: BanOrder, caller: Caller): Promise<DoneDocument> {
    return ban(this.#core, order, nameOf(caller));
  }

  unban(order: UnbanOrder, caller: Caller): Promise<DoneDocument> {
    return unban(this.#core, order, nameOf(caller));
  }

  allow(order: AllowOrder, caller: Caller): Promise<DoneDocument> {
    return allow(this.#core, order, nameOf(caller));
  }

  disallow(source: Network, caller: Caller): Promise<DoneDocument> {
    return disallow(this.#core, source, nameOf(caller));
  }

  allowlist(): Promise<AllowlistDocument> {
    return allowlist(this.#core);
  }

  evict(order: EvictOrder, caller: Caller): Promise<DoneDocument> {
    return evict(this.#core, order, nameOf(caller));
  }

  explain(source: Network): Promise<ExplainDocument> {
    return explain(this.#core, source);
  }

  reload(caller: Caller): Promise<CheckDocument> {
    return this.#core.reload(nameOf(caller));
  }

  metrics(): Promise<string> {
    return this.#core.metrics.text();
  }

  follow(listener: (event: EventDocument) => void): () => void {
    return this.#core.events.follow(listener);
  }
}
