// Fills in the defaults that depend on the user, the profile or other settings.

import { DEFAULT_LIMITS, isTlsPort, PROFILES, type ProfileName, profileOfPort } from "../model/index.ts";
import type { ConfigPlaces } from "./places.ts";
import type { FileValues } from "./schema.ts";
import type { LimitSettings, ListenerSettings } from "./schema-listeners.ts";
import type { AllowSettings, HttpSettings, MonitorSettings } from "./schema-service.ts";

export interface SettledListener extends ListenerSettings {
  readonly tlsPorts: readonly number[];
  readonly profile: ProfileName;
  readonly limits: SettledLimits;
}

export interface SettledLimits extends LimitSettings {
  readonly unprovenPerNetwork: number;
  readonly speakWithinMs: number | null;
  readonly silentForMs: number;
  readonly stalledForMs: number;
  readonly holdForMs: number | null;
}

export interface SettledValues extends FileValues {
  readonly stateDir: string;
  readonly socket: string;
  readonly http?: (HttpSettings & { readonly tokenFile: string }) | undefined;
  readonly listeners?: readonly SettledListener[] | undefined;
  readonly allow: readonly AllowSettings[];
  readonly monitors: readonly MonitorSettings[];
}

export function settleValues(values: FileValues, places: ConfigPlaces): SettledValues {
  const { http, listeners } = values;
  return {
    ...values,
    stateDir: values.stateDir ?? places.stateDir,
    socket: values.socket ?? places.socket,
    http: http === undefined ? undefined : { ...http, tokenFile: http.tokenFile ?? places.tokenFile },
    listeners: listeners?.map(settleListener),
    allow: values.allow ?? [],
    monitors: values.monitors ?? [],
  };
}

export function settleListener(values: ListenerSettings): SettledListener {
  const { ports, tlsPorts } = values;
  const profile = values.profile ?? profileOfPort(ports?.[0] ?? 0).name;
  return {
    ...values,
    tlsPorts: tlsPorts ?? ports?.filter(isTlsPort) ?? ALL_TLS_PORTS,
    profile,
    limits: settleLimits(values.limits, profile),
  };
}

/** A listener known by its process alone may use any of them. */
const ALL_TLS_PORTS: readonly number[] = Array.from({ length: 65_535 }, (_, i) => i + 1).filter(isTlsPort);

function settleLimits(limits: LimitSettings, name: ProfileName): SettledLimits {
  const profile = PROFILES[name];
  const { unprovenPerSource, unprovenPerNetwork, speakWithinMs, holdForMs } = limits;
  return {
    ...limits,
    unprovenPerNetwork: unprovenPerNetwork ?? Math.max(DEFAULT_LIMITS.unprovenPerNetwork, unprovenPerSource),
    // Null means off: the profile's time must not replace it.
    speakWithinMs: speakWithinMs === undefined ? profile.speakWithinMs : speakWithinMs,
    silentForMs: limits.silentForMs ?? profile.silentForMs,
    stalledForMs: limits.stalledForMs ?? profile.stalledForMs,
    holdForMs: holdForMs === undefined ? profile.holdForMs : holdForMs,
  };
}
