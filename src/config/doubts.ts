// Settings that are valid and yet odd. `sockwarden check` points them out; they are never errors.

import { formatNetwork, type ListenerPolicy, networkFamily, prefixLengthOf } from "../model/index.ts";
import type { Config } from "./config.ts";
import { isLoopbackHost } from "./listen.ts";
import { HISTORY_DEFAULT_MS } from "./schema-general.ts";

/** Sentences, each with its key before it. */
export function configDoubts(config: Config): string[] {
  const { mode, listeners, http, allow, enforce, ban, retention } = config;
  const doubts: string[] = [];
  if (mode === "enforce" && listeners === null)
    doubts.push("mode: enforce does nothing without listeners; name those that are to be guarded");
  if (http !== null && !isLoopbackHost(http.host))
    doubts.push("http.listen: is not loopback and has no TLS, so the token can be read on its way");
  for (const { network, connectionsPerSource } of allow) {
    const wide = prefixLengthOf(network) < (networkFamily(network) === 4 ? 8 : 16);
    if (wide && connectionsPerSource === null)
      doubts.push(`allow: ${formatNetwork(network)} exempts a large part of the internet`);
  }
  if (retention.ledgerMs < ban.maxMs)
    doubts.push("retention.ledger: is shorter than ban.max, so repeaters are forgotten while still banned");
  if (retention.historyMs !== HISTORY_DEFAULT_MS)
    doubts.push("retention.history: is accepted, and has no effect until there is a history");
  return [...doubts, ...(listeners ?? []).flatMap((policy) => listenerDoubts(policy, enforce.fence))];
}

function listenerDoubts({ name, limits, slots }: ListenerPolicy, fence: boolean): string[] {
  const { connectionsPerSource, newPerSource, unprovenPerSource } = limits;
  const key = `listeners[${name}]`;
  const doubts: string[] = [];
  if (slots !== null && connectionsPerSource !== null && connectionsPerSource >= slots)
    doubts.push(`${key}.limits.connectionsPerSource: one source may hold all ${slots} slots`);
  if (slots !== null && unprovenPerSource >= slots)
    doubts.push(`${key}.limits.unprovenPerSource: one source may fill all ${slots} slots unproven`);
  if (!fence && (connectionsPerSource !== null || newPerSource !== null))
    doubts.push(`${key}.limits: strict limits with enforce.fence: false are enforced late, by scanning`);
  return doubts;
}
