// Computes what the kernel's rules must name from the listeners' present places.

import type { AllowEntry, ListenerPolicy } from "../model/index.ts";
import type { RulesetSpec } from "./backend.ts";

/** The settings that shape the rules, beside the listeners' places. */
export interface RulesetWishes extends Pick<RulesetSpec, "prefixes" | "action" | "fence"> {
  readonly allow: readonly AllowEntry[];
}

/** A listener and its present place. */
export interface PlacedListener {
  readonly name: string;
  readonly policy: Pick<ListenerPolicy, "selector" | "limits">;
  readonly endpoints: readonly { readonly port: number }[];
}

export function specOf(
  listeners: readonly PlacedListener[],
  { prefixes, action, fence, allow }: RulesetWishes,
): RulesetSpec {
  return {
    // Without a configuration these are all listeners found. The backend is observe then, and nothing is guarded.
    listeners: listeners.filter((listener) => listeningPorts(listener).length > 0).map(rulesFor),
    prefixes,
    action,
    fence,
    allow: allow.map(({ network, connectionsPerSource }) => ({ network, connectionsPerSource })),
  };
}

function rulesFor(listener: PlacedListener): RulesetSpec["listeners"][number] {
  const { name, policy } = listener;
  const { limits, selector } = policy;
  const { connectionsPerSource, newPerSource } = limits;
  const strict =
    connectionsPerSource === null && newPerSource === null ? null : { connectionsPerSource, newPerSource };
  return { name, ports: listeningPorts(listener), address: selector.address, strict };
}

/** The ports of a listener. A policy by process has those that the process listens on. */
function listeningPorts({ policy, endpoints }: PlacedListener): number[] {
  const ports = new Set([...(policy.selector.ports ?? []), ...endpoints.map(({ port }) => port)]);
  return [...ports].sort((a, b) => a - b);
}
