// A configuration in the words of its files: each setting's key with its value. Comparing two of these says what a reload
// changes; the tests hold the documented defaults against it.

import { formatNetwork, type ListenerPolicy } from "../model/index.ts";
import type { Config, MonitorConfig } from "./config.ts";

/** Durations in milliseconds, networks as text, null for what is off or not given. An absent http has no key. */
export type EffectiveValue =
  | string
  | number
  | boolean
  | null
  | readonly (string | number)[]
  | Readonly<object>;

/**
 * Every setting by its key. Items of lists go by their names, not their places: `listeners[sip].slots`,
 * `allow[192.0.2.0/24].reason`, since moving one changes nothing.
 */
export function effectiveSettings(config: Config): Map<string, EffectiveValue> {
  const { ban, enforce, scan, retention, sources, http } = config;
  return new Map<string, EffectiveValue>([
    ["mode", config.mode],
    ["stateDir", config.stateDir],
    ["socket", config.socket],
    ...(http === null
      ? []
      : itemEntries("http", { listen: [http.host, http.port], tokenFile: http.tokenFile })),
    ...entries("sources.", { ipv4Prefix: sources.ipv4, ipv6Prefix: sources.ipv6 }),
    ["listeners", config.listeners === null ? null : true],
    ...(config.listeners ?? []).flatMap(listenerEntries),
    ...config.allow.flatMap(({ network, reason, connectionsPerSource }) =>
      itemEntries(`allow[${formatNetwork(network)}]`, { reason, connectionsPerSource }),
    ),
    ...entries("ban.", { first: ban.firstMs, factor: ban.factor, max: ban.maxMs, action: ban.action }),
    ...entries("enforce.", { ...enforce }),
    ...entries("scan.", { every: scan.everyMs, cpuBudget: scan.cpuBudget }),
    ...entries("retention.", { ledger: retention.ledgerMs, history: retention.historyMs }),
    ...config.monitors.flatMap(monitorEntries),
  ]);
}

type Entry = [string, EffectiveValue];

function entries(prefix: string, values: Readonly<Record<string, EffectiveValue>>): Entry[] {
  return Object.entries(values).map(([key, value]) => [prefix + key, value]);
}

/** The item itself, so that an added or removed one is seen as such, and what is in it. */
function itemEntries(item: string, values: Readonly<Record<string, EffectiveValue>>): Entry[] {
  return [[item, true], ...entries(`${item}.`, values)];
}

function listenerEntries(policy: ListenerPolicy): Entry[] {
  const { selector, profile, limits, pressure } = policy;
  const item = `listeners[${policy.name}]`;
  return [
    ...itemEntries(item, {
      ports: selector.ports,
      process: selector.process,
      address: selector.address === null ? null : formatNetwork(selector.address),
      netns: selector.netns,
      tlsPorts: policy.tlsPorts,
      profile: profile.name,
      slots: policy.slots,
    }),
    ...entries(`${item}.limits.`, {
      unprovenPerSource: limits.unprovenPerSource,
      unprovenPerNetwork: limits.unprovenPerNetwork,
      speakWithin: profile.speakWithinMs,
      silentFor: profile.silentForMs,
      stalledFor: profile.stalledForMs,
      holdFor: profile.holdForMs,
      connectionsPerSource: limits.connectionsPerSource,
      newPerSource: limits.newPerSource,
    }),
    ...entries(`${item}.pressure.`, { tight: pressure.tight, critical: pressure.critical }),
    [`${item}.evictLeaked`, policy.evictLeaked],
  ];
}

function monitorEntries({ name, target, everyMs, timeoutMs, listener }: MonitorConfig): Entry[] {
  return itemEntries(`monitors[${name}]`, { target, every: everyMs, timeout: timeoutMs, listener });
}
