// From what the files say to the configuration: fills in what depends on the user, the profile or other settings.

import {
  DEFAULT_LIMITS,
  HOLD_FACTOR,
  isTlsPort,
  type Limits,
  type ListenerPolicy,
  PROFILES,
  type Profile,
  profileOfPort,
} from "../model/index.ts";
import type { Config, MonitorConfig } from "./config.ts";
import type { ConfigPlaces } from "./places.ts";
import type { FileValues, LimitValues, ListenerValues } from "./values.ts";

export function buildConfig(values: FileValues, places: ConfigPlaces): Config {
  const { ban, scan, retention, http } = values;
  return {
    mode: values.mode,
    stateDir: values.stateDir ?? places.stateDir,
    socket: values.socket ?? places.socket,
    http: http === undefined ? null : { ...http.listen, tokenFile: http.tokenFile ?? places.tokenFile },
    sources: { ipv4: values.sources.ipv4Prefix, ipv6: values.sources.ipv6Prefix },
    listeners: values.listeners?.map(buildPolicy) ?? null,
    allow: (values.allow ?? []).map(({ source, reason, connectionsPerSource }) => ({
      network: source,
      reason: reason ?? null,
      connectionsPerSource: connectionsPerSource ?? null,
    })),
    ban: { firstMs: ban.first, factor: ban.factor, maxMs: ban.max, action: ban.action },
    enforce: values.enforce,
    scan: { everyMs: scan.every, cpuBudget: scan.cpuBudget },
    retention: { ledgerMs: retention.ledger, historyMs: retention.history },
    monitors: (values.monitors ?? []).map(
      ({ name, target, every, timeout, listener }): MonitorConfig => ({
        name,
        target,
        everyMs: every,
        timeoutMs: timeout,
        listener: listener ?? null,
      }),
    ),
  };
}

export function buildPolicy(values: ListenerValues): ListenerPolicy {
  const { name, ports, process, address, netns, tlsPorts, slots, pressure, evictLeaked } = values;
  return {
    name,
    selector: {
      ports: ports ?? null,
      process: process ?? null,
      address: address ?? null,
      netns: netns ?? null,
    },
    tlsPorts: tlsPorts ?? ports?.filter(isTlsPort) ?? ALL_TLS_PORTS,
    profile: buildProfile(values),
    limits: buildLimits(values.limits),
    pressure,
    slots: slots ?? null,
    evictLeaked,
  };
}

/** A process may listen on any of them. */
const ALL_TLS_PORTS: readonly number[] = Array.from({ length: 65_535 }, (_, i) => i + 1).filter(isTlsPort);

function buildProfile({ profile, ports, limits }: ListenerValues): Profile {
  const base = profile === undefined ? profileOfPort(ports?.[0] ?? 0) : PROFILES[profile];
  const { speakWithin, silentFor, stalledFor, holdFor } = limits;
  return {
    ...base,
    speakWithinMs: speakWithin === undefined ? base.speakWithinMs : speakWithin,
    silentForMs: silentFor ?? base.silentForMs,
    stalledForMs: stalledFor ?? base.stalledForMs,
    holdForMs: holdFor === undefined ? base.holdForMs : holdFor,
    // Whoever knows how long clients hold still knows how long they are silent; off says nothing about that.
    normalSilenceMs: typeof holdFor === "number" ? Math.round(holdFor / HOLD_FACTOR) : base.normalSilenceMs,
  };
}

function buildLimits(limits: LimitValues): Limits {
  const { unprovenPerSource, unprovenPerNetwork, connectionsPerSource, newPerSource } = limits;
  return {
    unprovenPerSource,
    unprovenPerNetwork: unprovenPerNetwork ?? Math.max(DEFAULT_LIMITS.unprovenPerNetwork, unprovenPerSource),
    connectionsPerSource: connectionsPerSource ?? null,
    newPerSource: newPerSource ?? null,
  };
}
