// Collects what happened until it is handed to the main thread. In observe nothing changes, so the same would be told at
// every scan; it is told once.

import type { Evicted } from "../enforce/index.ts";
import { threadCpuMs } from "../linux/index.ts";
import { type Ban, type Finding, formatNetwork } from "../model/index.ts";
import type { GuardHealth, News, Scanned } from "./messages.ts";

/** Told things that are remembered; beyond that all are forgotten and told once more. */
const TOLD_MAX = 10_000;

export class NewsBook {
  #scanned: Scanned | null = null;
  #findings: Finding[] = [];
  #bans: Ban[] = [];
  #evictions: Evicted[] = [];
  #health: GuardHealth[] = [];
  #scans = 0;
  readonly #told = new Set<string>();

  scanned(scanned: Scanned): void {
    this.#scans++;
    this.#scanned = scanned;
  }

  found(findings: readonly Finding[]): void {
    this.#findings.push(...findings);
  }

  banned(bans: readonly Ban[]): void {
    this.#bans.push(...bans);
  }

  evicted(evictions: readonly Evicted[], { observes }: { readonly observes: boolean }): void {
    for (const eviction of evictions) if (!observes || this.#isNew(eviction)) this.#evictions.push(eviction);
  }

  health(code: string, severity: GuardHealth["severity"], text: string | null): void {
    this.#health.push({ code, severity, text });
  }

  /** Forgets what was told, so that it is told anew. */
  forget(): void {
    this.#told.clear();
  }

  /** What is new since the last time, or null. */
  take(observes: boolean): News | null {
    const [scanned, findings, bans, evictions, health] = [
      this.#scanned,
      this.#findings,
      this.#bans,
      this.#evictions,
      this.#health,
    ];
    if (scanned === null && findings.length + bans.length + evictions.length + health.length === 0)
      return null;
    this.#scanned = null;
    this.#findings = [];
    this.#bans = [];
    this.#evictions = [];
    this.#health = [];
    const cpuMs = threadCpuMs();
    return { observes, scanned, findings, bans, evictions, health, scans: this.#scans, cpuMs };
  }

  #isNew({ source, listener, rule }: Evicted): boolean {
    const key = `${rule} ${listener} ${formatNetwork(source)}`;
    if (this.#told.has(key)) return false;
    if (this.#told.size >= TOLD_MAX) this.#told.clear();
    this.#told.add(key);
    return true;
  }
}
