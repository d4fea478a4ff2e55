// The wire types, on which scripts, the command line and the dashboard rely. Times are RFC 3339 UTC, durations numbers
// named ...Ms, unknown is null. Change it only with a note in CHANGELOG.

import type { BanKind, Finding, Pressure, ProofCounts, Severity, SlotsFrom } from "../model/index.ts";

export interface ListenerStatus {
  readonly name: string;
  readonly pressure: Pressure;
  readonly connections: number;
  /** Connections of all listeners of the same owner, which share its slots. */
  readonly used: number;
  readonly slots: number | null;
  readonly slotsFrom: SlotsFrom | null;
  /** `tcp_max_connections in /etc/kamailio/kamailio.cfg`. */
  readonly slotsWhere: string | null;
  readonly fdUsed: number | null;
  readonly fdLimit: number | null;
  readonly scanMs: number | null;
  readonly lastScanAt: string | null;
}

export interface HealthItem {
  readonly code: string;
  readonly severity: Severity;
  readonly text: string;
  readonly since: string;
}

/** A probe of a service on a timer, and how the service is. */
export interface MonitorStatus {
  readonly name: string;
  readonly target: string;
  /** Name of the guarded listener that it probes. */
  readonly listener: string | null;
  /** Null before the first probe has ended. It changes with hysteresis, so one lost probe does not make it down. */
  readonly state: "up" | "degraded" | "down" | null;
  /** Time of the last change of state. */
  readonly since: string | null;
  /** Time of the last probe; null before the first, as are outcome, text and totalMs. */
  readonly lastProbeAt: string | null;
  /** As in `ping --json`. */
  readonly outcome: string | null;
  /** The meaning of the outcome, in words. */
  readonly text: string | null;
  readonly totalMs: number | null;
  /** Part of the remembered probes that were answered, 0..1. */
  readonly availability: number | null;
  readonly certificateExpiresAt: string | null;
}

export interface StatusDocument {
  readonly schema: 1;
  readonly mode: "observe" | "enforce";
  readonly since: string;
  readonly version: string;
  readonly listeners: readonly ListenerStatus[];
  readonly bans: number;
  readonly caps: number;
  /** In the order of the configuration. */
  readonly monitors: readonly MonitorStatus[];
  readonly health: readonly HealthItem[];
}

export interface BanDocument {
  readonly source: string;
  readonly listener: string | null;
  readonly kind: BanKind;
  readonly since: string;
  readonly until: string;
  readonly reason: string;
  readonly rule: string;
  readonly evicted: number;
  readonly packets: number | null;
}

export interface BansDocument {
  readonly schema: 1;
  readonly bans: readonly BanDocument[];
}

export interface BanRequest {
  readonly sources: readonly string[];
  /** As people write it, `1h`; absent: the configured first term. */
  readonly for?: string;
  readonly reason?: string;
  readonly listener?: string;
}

export interface UnbanRequest {
  readonly sources: readonly string[] | "all";
}

export interface AllowRequest {
  readonly source: string;
  readonly connectionsPerSource?: number;
  readonly reason?: string;
}

export interface EvictRequest {
  readonly source: string;
  readonly listener?: string;
}

export interface DoneDocument {
  readonly schema: 1;
  readonly done: readonly { readonly source: string; readonly changed: boolean; readonly evicted?: number }[];
  readonly failed: readonly { readonly source: string; readonly error: string }[];
}

export interface AllowDocument {
  readonly source: string;
  readonly reason: string | null;
  readonly connectionsPerSource: number | null;
  /** `configuration` entries are taken away in the file, `operator` ones by `disallow`; `protected` ones stay. */
  readonly from: "configuration" | "operator" | "protected";
  readonly since: string | null;
}

export interface AllowlistDocument {
  readonly schema: 1;
  readonly allow: readonly AllowDocument[];
}

export interface ExplainedConnections {
  readonly listener: string;
  readonly connections: number;
  readonly proofs: ProofCounts;
}

export interface ExplainDocument {
  readonly schema: 1;
  readonly source: string;
  readonly connections: readonly ExplainedConnections[];
  readonly standing: readonly {
    readonly listener: string;
    readonly expected: number;
    readonly firstSeen: string;
    readonly lastSeen: string;
  }[];
  readonly matches: readonly { readonly rule: string; readonly would: string; readonly because: string }[];
  readonly ban?: BanDocument;
  readonly allow?: AllowDocument;
}

export interface ConfigErrorDocument {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly key: string;
  readonly message: string;
  readonly accepted: string;
}

export interface CheckDocument {
  readonly schema: 1;
  readonly ok: boolean;
  readonly errors: readonly ConfigErrorDocument[];
}

/** One listener's sources, the largest first; bounded by `top`. */
export interface CensusDocument {
  readonly schema: 1;
  readonly takenAt: string | null;
  readonly listeners: readonly {
    readonly name: string;
    readonly connections: number;
    readonly proofs: ProofCounts;
    readonly sources: readonly {
      readonly source: string;
      readonly connections: number;
      readonly proofs: ProofCounts;
    }[];
  }[];
}

/** One line of the live stream, and of the log. */
export interface EventDocument {
  readonly at: string;
  /** `dropped`: this reader was too slow; the text says how many events it has missed. */
  readonly event: "finding" | "ban" | "unban" | "evict" | "pressure" | "health" | "reload" | "dropped";
  readonly text: string;
  readonly finding?: Finding;
  readonly ban?: BanDocument;
}

/** Says why a request failed; every answer of 400 and above has it. */
export interface ErrorDocument {
  readonly schema: 1;
  readonly error: {
    readonly code: ErrorCode;
    /** The field of the request that is to blame, as `sources[3]`; null where it is none. */
    readonly field: string | null;
    readonly message: string;
    /** What would have been accepted; null where nothing would. */
    readonly accepted: string | null;
  };
}

/** With HTTP's 400, 401, 403, 404, 409, 413, 500 and 503, in this order. */
export type ErrorCode =
  | "invalid"
  | "unauthorized"
  | "forbidden"
  | "not-found"
  | "conflict"
  | "too-large"
  | "internal"
  | "unavailable";

/** Names that `GET /v1/NAME` reads, each with the document that answers. */
export interface ReadDocuments {
  readonly status: StatusDocument;
  readonly bans: BansDocument;
  readonly allowlist: AllowlistDocument;
}
