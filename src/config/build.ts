// From the settled values to the configuration, in the shapes that the rest of the program works with. A setting that
// has no mention here passes as it is.

import { HOLD_FACTOR, type ListenerPolicy, PROFILES, type Profile } from "../model/index.ts";
import type { Config } from "./config.ts";
import { effectiveSettings } from "./effective.ts";
import type { SettledLimits, SettledListener, SettledValues } from "./settle.ts";

export function buildConfig(settled: SettledValues): Config {
  const { http, sources, listeners, allow, monitors } = settled;
  return {
    ...settled,
    http: http === undefined ? null : { ...http.listen, tokenFile: http.tokenFile },
    sources: { ipv4: sources.ipv4Prefix, ipv6: sources.ipv6Prefix },
    listeners: listeners?.map(buildPolicy) ?? null,
    allow: allow.map(({ source, reason, connectionsPerSource }) => ({
      network: source,
      reason: reason ?? null,
      connectionsPerSource: connectionsPerSource ?? null,
    })),
    monitors: monitors.map((monitor) => ({ ...monitor, listener: monitor.listener ?? null })),
    effective: effectiveSettings(settled),
  };
}

export function buildPolicy(settled: SettledListener): ListenerPolicy {
  const { ports, process, address, netns, profile, limits, slots, ...rest } = settled;
  const { speakWithinMs, silentForMs, stalledForMs, holdForMs, ...counts } = limits;
  return {
    ...rest,
    selector: {
      ports: ports ?? null,
      process: process ?? null,
      address: address ?? null,
      netns: netns ?? null,
    },
    profile: buildProfile(PROFILES[profile], { speakWithinMs, silentForMs, stalledForMs, holdForMs }),
    limits: {
      ...counts,
      connectionsPerSource: counts.connectionsPerSource ?? null,
      newPerSource: counts.newPerSource ?? null,
    },
    slots: slots ?? null,
  };
}

type ListenerTimes = Pick<SettledLimits, "speakWithinMs" | "silentForMs" | "stalledForMs" | "holdForMs">;

function buildProfile(base: Profile, times: ListenerTimes): Profile {
  const { holdForMs } = times;
  // An operator who sets holdFor knows how long clients are silent; off says nothing about that.
  const isOwn = holdForMs !== null && holdForMs !== base.holdForMs;
  return {
    ...base,
    ...times,
    normalSilenceMs: isOwn ? Math.round(holdForMs / HOLD_FACTOR) : base.normalSilenceMs,
  };
}
