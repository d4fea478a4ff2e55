// The latest numbers of the guards, by listener. Status and metrics are made of them.

import type { ListenerStatus } from "../api/index.ts";
import type { ListenerSeen, News, ScanSummary } from "../guard/index.ts";
import type { Pressure } from "../model/index.ts";

interface SeenThere {
  readonly scanned: ScanSummary;
  readonly scans: number;
  readonly cpuMs: number;
}

/** A listener went from one pressure to another. */
export interface PressureChange {
  readonly listener: string;
  readonly before: Pressure;
  readonly after: Pressure;
  readonly used: number;
  readonly slots: number | null;
}

export class LastSeen {
  readonly #by = new Map<string, SeenThere>();

  /** Takes news in; returns where the pressure has changed. */
  update({ scanned, scans, cpuMs }: News, netns: string | null): PressureChange[] {
    if (scanned === null) return [];
    const key = netns ?? "";
    const before = new Map(
      (this.#by.get(key)?.scanned.listeners ?? []).map((seen) => [seen.name, seen.pressure]),
    );
    this.#by.set(key, { scanned, scans, cpuMs });
    return scanned.listeners
      .map(({ name, pressure, used, slots }) => ({
        listener: name,
        before: before.get(name) ?? "calm",
        after: pressure,
        used,
        slots,
      }))
      .filter((change) => change.before !== change.after);
  }

  all(): readonly (SeenThere & { readonly netns: string })[] {
    return [...this.#by].map(([netns, seen]) => ({ netns, ...seen }));
  }

  listeners(): ListenerStatus[] {
    return [...this.#by.values()].flatMap(({ scanned }) =>
      scanned.listeners.map((seen) => statusOf(seen, scanned)),
    );
  }

  listener(name: string): ListenerSeen | null {
    for (const { scanned } of this.#by.values()) {
      const found = scanned.listeners.find((seen) => seen.name === name);
      if (found !== undefined) return found;
    }
    return null;
  }

  totals(): { readonly bans: number; readonly caps: number } {
    let bans = 0;
    let caps = 0;
    // Each guard holds all bans that name no listener, and those of its own.
    for (const { scanned } of this.#by.values()) {
      bans = Math.max(bans, scanned.bans);
      caps = Math.max(caps, scanned.caps);
    }
    return { bans, caps };
  }

  /** The oldest of the guards' last scans; null before the first scan. */
  oldestScanAt(): number | null {
    const times = [...this.#by.values()].map(({ scanned }) => scanned.at);
    return times.length === 0 ? null : Math.min(...times);
  }
}

function statusOf(seen: ListenerSeen, { at, scanMs }: ScanSummary): ListenerStatus {
  return {
    name: seen.name,
    pressure: seen.pressure,
    connections: seen.connections,
    used: seen.used,
    slots: seen.slots,
    slotsFrom: seen.slotsFrom,
    slotsWhere: seen.slotsWhere,
    fdUsed: seen.fdUsed,
    fdLimit: seen.fdLimit !== null && Number.isFinite(seen.fdLimit) ? seen.fdLimit : null,
    scanMs,
    lastScanAt: new Date(at).toISOString(),
  };
}
