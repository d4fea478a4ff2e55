// What the kernel's rules must name, from where the listeners are now.

import type { WatchCensus, WatchedListener } from "../../census/index.ts";
import type { RulesetSpec } from "../../enforce/index.ts";
import type { GuardSettings } from "./messages.ts";

export function specOf(
  census: WatchCensus,
  { prefixes, action, fence, judging }: GuardSettings,
): RulesetSpec {
  return {
    // Without a configuration these are all that were found; the backend is observe then, and nothing is guarded.
    listeners: census.listeners.filter((listener) => portsOf(listener).length > 0).map(guardedOf),
    prefixes,
    action,
    fence,
    allow: judging.exemptions.allow.map(({ network, connectionsPerSource }) => ({
      network,
      connectionsPerSource,
    })),
  };
}

function guardedOf(listener: WatchedListener): RulesetSpec["listeners"][number] {
  const { limits, selector, name } = listener.policy;
  const { connectionsPerSource, newPerSource } = limits;
  const strict =
    connectionsPerSource === null && newPerSource === null ? null : { connectionsPerSource, newPerSource };
  return { name, ports: portsOf(listener), address: selector.address, strict };
}

/** A policy by process has the ports that the process listens on. */
function portsOf({ policy, endpoints }: WatchedListener): number[] {
  const ports = new Set([...(policy.selector.ports ?? []), ...endpoints.map(({ port }) => port)]);
  return [...ports].sort((a, b) => a - b);
}
