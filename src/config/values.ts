// What the files say, once their form is right: values parsed, defaults that depend on nothing filled in. What depends on
// the user, the profile or other settings is filled in afterwards (build.ts).

import type { Network, ProfileName } from "../model/index.ts";
import type { Config } from "./config.ts";

export interface LimitValues {
  readonly unprovenPerSource: number;
  readonly unprovenPerNetwork?: number | undefined;
  readonly speakWithin?: number | null | undefined;
  readonly silentFor?: number | undefined;
  readonly stalledFor?: number | undefined;
  readonly holdFor?: number | null | undefined;
  readonly connectionsPerSource?: number | null | undefined;
  readonly newPerSource?: { readonly count: number; readonly perMs: number } | null | undefined;
}

export interface ListenerValues {
  readonly name: string;
  readonly ports?: number[] | undefined;
  readonly process?: string | undefined;
  readonly address?: Network | undefined;
  readonly netns?: string | undefined;
  readonly tlsPorts?: number[] | undefined;
  readonly profile?: ProfileName | undefined;
  readonly slots?: number | undefined;
  readonly limits: LimitValues;
  readonly pressure: { readonly tight: number; readonly critical: number };
  readonly evictLeaked: boolean;
}

export interface AllowValues {
  readonly source: Network;
  readonly reason?: string | undefined;
  readonly connectionsPerSource?: number | null | undefined;
}

export interface MonitorValues {
  readonly name: string;
  readonly target: string;
  readonly every: number;
  readonly timeout: number;
  readonly listener?: string | undefined;
}

export interface HttpValues {
  readonly listen: { readonly host: string; readonly port: number };
  readonly tokenFile?: string | undefined;
}

export interface FileValues {
  readonly mode: Config["mode"];
  readonly stateDir?: string | undefined;
  readonly socket?: string | undefined;
  readonly http?: HttpValues | undefined;
  readonly sources: { readonly ipv4Prefix: number; readonly ipv6Prefix: number };
  readonly listeners?: readonly ListenerValues[] | undefined;
  readonly allow?: readonly AllowValues[] | undefined;
  readonly ban: {
    readonly first: number;
    readonly factor: number;
    readonly max: number;
    readonly action: Config["ban"]["action"];
  };
  readonly enforce: Config["enforce"];
  readonly scan: { readonly every: number; readonly cpuBudget: number };
  readonly retention: { readonly ledger: number; readonly history: number };
  readonly monitors?: readonly MonitorValues[] | undefined;
}
