// A guard service in memory, for tests of the layers before it: bans and allow entries in maps. It notes every call
// with its values as people write them, so that the tests read as the requests do.

import { formatDuration, formatNetwork, PROOFS, type ProofCounts } from "../../model/index.ts";
import type {
  AllowDocument,
  BanDocument,
  DoneDocument,
  EventDocument,
  HealthItem,
  ListenerStatus,
  MonitorStatus,
} from "../contract.ts";
import { ServiceError } from "../errors.ts";
import type { ApiService, Caller } from "../service.ts";

export const NOW = "2026-11-22T15:04:05.000Z";

export interface Call {
  readonly operation: string;
  readonly request: unknown;
  readonly caller: Caller | null;
}

export interface MemoryService extends ApiService {
  readonly calls: Call[];
  readonly banned: Map<string, BanDocument>;
  readonly followers: Set<(event: EventDocument) => void>;
  listeners: ListenerStatus[];
  health: HealthItem[];
  monitors: MonitorStatus[];
  /** The next `metrics` or `reload` fails with it. */
  broken: Error | null;
  reloadErrors: boolean;
}

export function proofs(counts: Partial<ProofCounts>): ProofCounts {
  return Object.fromEntries(PROOFS.map((proof) => [proof, counts[proof] ?? 0])) as ProofCounts;
}

export function banOf(source: string, different: Partial<BanDocument> = {}): BanDocument {
  return {
    source,
    listener: null,
    kind: "ban",
    since: NOW,
    until: "2026-11-22T16:04:05.000Z",
    reason: "asked for by the operator",
    rule: "operator",
    evicted: 0,
    packets: null,
    ...different,
  };
}

/** `protected` sources and unknown listeners are refused as the daemon refuses them; 192.0.2.66 always fails. */
export function memoryService(): MemoryService {
  const calls: Call[] = [];
  const banned = new Map<string, BanDocument>();
  const allowed = new Map<string, AllowDocument>();
  const followers = new Set<(event: EventDocument) => void>();
  const note = (operation: string, request: unknown, caller: Caller | null = null): void =>
    void calls.push({ operation, request, caller });
  const done = (all: DoneDocument["done"], failed: DoneDocument["failed"] = []): DoneDocument => ({
    schema: 1,
    done: all,
    failed,
  });
  return {
    calls,
    banned,
    followers,
    listeners: [],
    health: [],
    monitors: [],
    broken: null,
    reloadErrors: false,
    status() {
      note("status", null);
      const kinds = [...banned.values()].map(({ kind }) => kind);
      return {
        schema: 1,
        mode: "enforce",
        since: NOW,
        version: "0.1.0",
        listeners: this.listeners,
        bans: kinds.filter((kind) => kind === "ban").length,
        caps: kinds.filter((kind) => kind === "cap").length,
        monitors: this.monitors,
        health: this.health,
      };
    },
    bans() {
      note("bans", null);
      return { schema: 1, bans: [...banned.values()] };
    },
    census(top) {
      note("census", top);
      return { schema: 1, takenAt: NOW, listeners: [] };
    },
    async ban({ sources: networks, termMs, reason, listener }, caller) {
      const sources = networks.map(formatNetwork);
      note(
        "ban",
        given({ sources, for: termMs === null ? null : formatDuration(termMs), reason, listener }),
        caller,
      );
      if (listener !== null && listener !== "sip")
        throw new ServiceError({
          code: "not-found",
          field: "listener",
          message: `there is no listener ${listener}`,
          accepted: "sip",
        });
      const [bad, good] = [sources.filter(fails), sources.filter((one) => !fails(one))];
      const changed = good.map((source) => ({ source, changed: !banned.has(source), evicted: 3 }));
      for (const source of good) banned.set(source, banOf(source, { reason: reason ?? "" }));
      return done(
        changed,
        bad.map((source) => ({ source, error: "it is the peer of a logged-in SSH session" })),
      );
    },
    async unban({ sources: networks }, caller) {
      const sources = networks === "all" ? networks : networks.map(formatNetwork);
      note("unban", sources, caller);
      const wanted = sources === "all" ? [...banned.keys()] : sources;
      return done(wanted.map((source) => ({ source, changed: banned.delete(source) })));
    },
    async allow({ network, reason, connectionsPerSource }, caller) {
      const source = formatNetwork(network);
      note("allow", given({ source, reason, connectionsPerSource }), caller);
      const changed = !allowed.has(source);
      allowed.set(source, { source, reason, connectionsPerSource, from: "operator", since: NOW });
      return done([{ source, changed }]);
    },
    async disallow(network, caller) {
      const source = formatNetwork(network);
      note("disallow", source, caller);
      if (source === "127.0.0.0/8")
        throw new ServiceError({ code: "forbidden", message: "127.0.0.0/8 is protected: it is this host" });
      return done([{ source, changed: allowed.delete(source) }]);
    },
    allowlist() {
      note("allowlist", null);
      const self: AllowDocument = {
        source: "127.0.0.0/8",
        reason: "this host",
        connectionsPerSource: null,
        from: "protected",
        since: null,
      };
      return { schema: 1, allow: [self, ...allowed.values()] };
    },
    async evict({ source: network, listener }, caller) {
      const source = formatNetwork(network);
      note("evict", given({ source, listener }), caller);
      const held = source === "192.0.2.1" ? 12 : 0;
      return done([{ source, changed: held > 0, evicted: held }]);
    },
    async explain(network) {
      const source = formatNetwork(network);
      note("explain", source);
      const ban = banned.get(source);
      const allow = allowed.get(source);
      return {
        schema: 1,
        source,
        connections: [{ listener: "sip", connections: 5, proofs: proofs({ silent: 3, proven: 2 }) }],
        standing: [],
        matches: [],
        ...(ban === undefined ? {} : { ban }),
        ...(allow === undefined ? {} : { allow }),
      };
    },
    async reload(caller) {
      note("reload", null, caller);
      if (!this.reloadErrors) return { schema: 1, ok: true, errors: [] };
      const error = { file: "/etc/sockwarden/sockwarden.yaml", line: 3, column: 7, key: "mode" };
      return {
        schema: 1,
        ok: false,
        errors: [{ ...error, message: '"enforced" is not accepted', accepted: "observe, enforce" }],
      };
    },
    async metrics() {
      note("metrics", null);
      if (this.broken !== null) throw this.broken;
      return "# TYPE sockwarden_bans gauge\nsockwarden_bans 0\n";
    },
    follow(listener) {
      followers.add(listener);
      return () => followers.delete(listener);
    },
  };
}

const fails = (source: string): boolean => source === "192.0.2.66";

/** Only the fields that the request had. */
function given(values: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null));
}
