// Collects the news until the main thread takes it. In observe nothing changes, so every scan finds the same: it is
// told once.

import type { EvictedConnections } from "../enforce/index.ts";
import { type Ban, type Finding, formatNetwork } from "../model/index.ts";
import type { GuardHealth, News, ScanSummary } from "./news.ts";

/** How many told things are remembered. Beyond that all are forgotten and told once more. */
const REMEMBERED_MAX = 10_000;

type Pending = {
  -readonly [Key in "findings" | "bans" | "evictions" | "health"]: News[Key][number][];
};

const nothing = (): Pending => ({ findings: [], bans: [], evictions: [], health: [] });

export class NewsBook {
  #scanned: ScanSummary | null = null;
  #pending = nothing();
  #scans = 0;
  readonly #told = new Set<string>();

  scanned(scanned: ScanSummary): void {
    this.#scans++;
    this.#scanned = scanned;
  }

  found(findings: readonly Finding[]): void {
    this.#pending.findings.push(...findings);
  }

  banned(bans: readonly Ban[]): void {
    this.#pending.bans.push(...bans);
  }

  evicted(evictions: readonly EvictedConnections[], { observes }: Pick<News, "observes">): void {
    for (const eviction of evictions) {
      if (!observes || this.#isNew(eviction)) this.#pending.evictions.push(eviction);
    }
  }

  health(health: GuardHealth): void {
    this.#pending.health.push(health);
  }

  /** Forgets what was told, so that it is told anew. */
  forget(): void {
    this.#told.clear();
  }

  /** The news since the last call; null if there is none. */
  take({ observes, cpuMs }: Pick<News, "observes" | "cpuMs">): News | null {
    const scanned = this.#scanned;
    const pending = this.#pending;
    if (scanned === null && Object.values(pending).every(({ length }) => length === 0)) return null;
    this.#scanned = null;
    this.#pending = nothing();
    return { observes, scanned, ...pending, scans: this.#scans, cpuMs };
  }

  #isNew({ source, listener, rule }: EvictedConnections): boolean {
    const key = `${rule} ${listener} ${formatNetwork(source)}`;
    if (this.#told.has(key)) return false;
    if (this.#told.size >= REMEMBERED_MAX) this.#told.clear();
    this.#told.add(key);
    return true;
  }
}
