// The configuration of a scenario's play, as a plain object of the contract's form. It is written as JSON, since JSON
// is YAML too (YAML 1.2, section 1.3).

import { PROFILES } from "../src/model/index.ts";
import { STRICT_CONNECTIONS, STRICT_NEW } from "./scenarios/common.ts";
import type { ServerPlan } from "./scenarios/scenario.ts";

export interface ConfigurationOptions {
  readonly server: ServerPlan;
  readonly port: number;
  readonly folder: string;
  readonly scale: number;
  readonly strict: boolean;
}

export function configurationText(options: ConfigurationOptions): string {
  return `${JSON.stringify(configurationOf(options), null, 2)}\n`;
}

/** The default of scan.every. */
const SCAN_EVERY_MS = 5000;

/** The path of the protector's socket. */
export function socketIn(folder: string): string {
  return `${folder}/sockwarden.sock`;
}

function configurationOf(options: ConfigurationOptions) {
  const { server, port, folder } = options;
  const slots = ownLimitOf(server);
  return {
    mode: "enforce",
    stateDir: `${folder}/state`,
    socket: socketIn(folder),
    listeners: [
      {
        name: "service",
        ports: [port],
        profile: profileOf(server),
        ...(slots === null ? {} : { slots }),
        limits: limitSettings(options),
      },
    ],
    ban: { first: "10m", factor: 2, max: "24h", action: "drop" },
    enforce: { backend: "nftables", fence: true, onStop: "remove" },
    scan: { every: `${Math.round(SCAN_EVERY_MS / options.scale)}ms` },
  };
}

export function profileOf({ kind }: ServerPlan): "mqtt" | "sip" {
  return kind === "mosquitto" ? "mqtt" : "sip";
}

/** Kamailio's own limit, if its descriptors allow it. The protector finds the others by itself. */
function ownLimitOf(server: ServerPlan): number | null {
  return server.kind === "kamailio" && server.descriptors === undefined ? (server.connections ?? 2048) : null;
}

/** The profile's own times, played faster. The numbers of connections stay. */
function limitSettings({ server, scale, strict }: ConfigurationOptions) {
  const { speakWithinMs, silentForMs, stalledForMs, holdForMs } = PROFILES[profileOf(server)];
  const faster = (ms: number) => `${Math.round(ms / scale)}ms`;
  return {
    ...(speakWithinMs === null ? {} : { speakWithin: faster(speakWithinMs) }),
    silentFor: faster(silentForMs),
    stalledFor: faster(stalledForMs),
    ...(holdForMs === null ? {} : { holdFor: faster(holdForMs) }),
    ...(strict ? strictLimits(faster) : {}),
  };
}

function strictLimits(faster: (ms: number) => string) {
  return {
    connectionsPerSource: STRICT_CONNECTIONS,
    newPerSource: { count: STRICT_NEW.count, per: faster(STRICT_NEW.perTrueMs) },
  };
}
