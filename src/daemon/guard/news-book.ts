// Collects what happened until it is handed to the main thread. In observe nothing changes, so the same would be told at
// every look; it is told once.

import { threadCpuMs } from "../../linux/index.ts";
import { type Ban, type Finding, formatNetwork } from "../../model/index.ts";
import type { Evicted, GuardHealth, Looked, News } from "./messages.ts";

/** Told things that are remembered; beyond that all are forgotten and told once more. */
const TOLD_MAX = 10_000;

export class NewsBook {
  #looked: Looked | null = null;
  #findings: Finding[] = [];
  #bans: Ban[] = [];
  #evictions: Evicted[] = [];
  #health: GuardHealth[] = [];
  #looks = 0;
  readonly #told = new Set<string>();

  looked(looked: Looked): void {
    this.#looks++;
    this.#looked = looked;
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
    const [looked, findings, bans, evictions, health] = [
      this.#looked,
      this.#findings,
      this.#bans,
      this.#evictions,
      this.#health,
    ];
    if (looked === null && findings.length + bans.length + evictions.length + health.length === 0)
      return null;
    this.#looked = null;
    this.#findings = [];
    this.#bans = [];
    this.#evictions = [];
    this.#health = [];
    const cpuMs = threadCpuMs();
    return { observes, looked, findings, bans, evictions, health, looks: this.#looks, cpuMs };
  }

  #isNew({ source, listener, rule }: Evicted): boolean {
    const key = `${rule} ${listener} ${formatNetwork(source)}`;
    if (this.#told.has(key)) return false;
    if (this.#told.size >= TOLD_MAX) this.#told.clear();
    this.#told.add(key);
    return true;
  }
}
