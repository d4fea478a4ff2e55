// The registry: every backend by its name. All code that chooses, opens or proves a backend reads it here. A new
// backend is its file, its name in src/model/backend.ts, its line here and its line in the conformance suite.

import type { BackendName } from "../model/index.ts";
import type { Backend, BackendEntry } from "./backend.ts";
import { IPSET } from "./ipset.ts";
import { NFTABLES, SET_ONLY } from "./nftables.ts";
import { OBSERVE } from "./observe.ts";

export const BACKEND_ENTRIES: { readonly [Name in BackendName]: BackendEntry } = {
  nftables: NFTABLES,
  ipset: IPSET,
  "set-only": SET_ONLY,
  observe: OBSERVE,
};

/** Opens a backend in the calling thread's network namespace. Throws BackendError. */
export function openBackend(name: BackendName): Backend {
  return BACKEND_ENTRIES[name].open();
}
