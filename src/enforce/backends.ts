// The backend of a name.

import type { Backend, BackendName } from "./backend.ts";
import { openIpset } from "./ipset.ts";
import { openNftables, openSetOnly } from "./nftables.ts";
import { openObserve } from "./observe.ts";

export function openBackend(name: BackendName): Backend {
  switch (name) {
    case "nftables":
      return openNftables();
    case "ipset":
      return openIpset();
    case "set-only":
      return openSetOnly();
    case "observe":
      return openObserve();
  }
}
