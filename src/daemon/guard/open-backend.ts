// The backend of a name.

import {
  type Backend,
  type BackendName,
  openIpset,
  openNftables,
  openObserve,
  openSetOnly,
} from "../../enforce/index.ts";

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
