// All that the doctor judges, read once: plain values, so that a worker thread can hand them over and judging is pure.

import type { Capability, Counters, DescriptorLimits } from "../../linux/index.ts";
import type { ProgramConfig } from "../../programs/index.ts";
import type { LimitsConfLine, SysctlFiles, UnitSetting } from "../../settings/index.ts";
import type { BanFacts } from "./ban-facts.ts";
import type { SocketFacts } from "./socket-facts.ts";

export interface MachineFacts {
  /** `6.12.9-amd64`; null where unreadable. */
  readonly kernel: string | null;
  readonly memoryBytes: number | null;
  readonly pageBytes: number;
  /** Live values by dotted key, of the namespace of the service; absent ones are left out. */
  readonly sysctls: ReadonlyMap<string, string>;
  readonly sysctlFiles: SysctlFiles;
  /** Keys that the files name and the kernel does not have here. */
  readonly missingKeys: ReadonlySet<string>;
  readonly limitsLines: readonly LimitsConfLine[];
  readonly managerSettings: readonly UnitSetting[];
  readonly servers: readonly Server[];
  /** Null where the kernel could not be asked. */
  readonly sockets: SocketFacts | null;
  readonly counters: CounterSamples;
  readonly sockstat: Counters;
  readonly bans: BanFacts;
  readonly logSpace: DiskSpace | null;
  readonly capabilities: Readonly<Record<"destroy" | "nftables" | "ipset", Capability>>;
  /** What this user may not see, for people. */
  readonly hidden: readonly string[];
}

/** A process that owns a listening socket. */
export interface Server {
  readonly pid: number;
  readonly name: string;
  readonly ports: readonly number[];
  readonly unit: string | null;
  /** The last of each name. */
  readonly unitSettings: readonly UnitSetting[];
  readonly fdUsed: number | null;
  readonly limits: DescriptorLimits | null;
  readonly config: ProgramConfig | null;
}

/** Counters by `Section.Name`, twice. They count from the start of the namespace. */
export interface CounterSamples {
  readonly first: Counters;
  readonly second: Counters;
  /** Between the two; 0 where there was only one reading. */
  readonly seconds: number;
}

export interface DiskSpace {
  readonly path: string;
  readonly freeBytes: number;
  readonly totalBytes: number;
}
