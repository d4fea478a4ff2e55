// The input of a plan: the machine as it is, and the operator's request. Plain values; read-facts.ts fills them in.

import type { DescriptorLimits } from "../linux/index.ts";
import type { LimitLine, SysctlLine, TuneProfile } from "../settings/index.ts";

export interface TuneFacts {
  readonly kernel: { readonly major: number; readonly minor: number };
  readonly memoryBytes: number | null;
  readonly availableBytes: number | null;
  readonly pageBytes: number;
  /** Values by name, blanks as one space; absent where this kernel or namespace has no such file. */
  readonly live: ReadonlyMap<string, string>;
  /** Names whose file is there but may be written by nobody: machine-wide settings seen from a child namespace. */
  readonly readOnly: ReadonlySet<string>;
  /** In the order in which a boot applies them. */
  readonly lines: readonly SysctlLine[];
  readonly services: readonly ServiceFacts[];
  readonly listeningPorts: readonly number[];
  /** Sockets that no program holds any more; null where unknown. */
  readonly orphans: number | null;
  /** Open files of the whole machine; null where unknown. */
  readonly openFiles: number | null;
}

/** A systemd unit that listens, or that was asked for by name. */
export interface ServiceFacts {
  /** The program's name where it is no unit's. */
  readonly unit: string;
  readonly program: string | null;
  /** Null where it does not run or may not be seen. */
  readonly connections: number | null;
  /** The lowest RLIMIT_NOFILE among its processes; Infinity for none. Null where it does not run. */
  readonly limits: DescriptorLimits | null;
  /** Every LimitNOFILE= of its unit file and drop-ins, in the order in which systemd reads them. */
  readonly limitLines: readonly LimitLine[];
}

export interface TuneRequest {
  readonly profile: TuneProfile;
  /** The most connections at a time; null for what is held now. */
  readonly connections: number | null;
  /** New connections per second at the busiest; null for what RECONNECT_SECONDS gives. */
  readonly perSecond: number | null;
  /** The unit whose limits are to be set; null for the known servers among those that listen. */
  readonly service: string | null;
}
