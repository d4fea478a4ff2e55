// The backend that changes nothing: it keeps in memory what another would hold in the kernel, and answers alike. A
// first installation begins with it, and `mode: observe` stands for it.

import { type Ban, type BanKey, banKeyText } from "../model/index.ts";
import type { Backend, BackendEntry, Changed, KernelBan, RulesetSpec } from "./backend.ts";
import { timeoutMs } from "./ban-set.ts";
import { refusedBan, sortOut } from "./chunked-change.ts";

/** The bound of bans, as in a kernel's set. Further ones are refused and told. */
const BANS_MAX = 1_000_000;

export const OBSERVE: BackendEntry = { open: () => openObserve(), takes: null, selfTest: null };

/** Opens the backend. `now` is a clock in milliseconds that never goes back; by default the process's own. */
export function openObserve(now: () => number = () => performance.now()): Backend {
  return new ObserveBackend(now);
}

interface Held {
  readonly ban: BanKey;
  /** The ban's end, by the backend's own clock. */
  readonly end: number;
}

class ObserveBackend implements Backend {
  readonly name = "observe";
  readonly #now: () => number;
  readonly #held = new Map<string, Held>();
  #spec: RulesetSpec | null = null;

  constructor(now: () => number) {
    this.#now = now;
  }

  setUp(spec: RulesetSpec): void {
    this.#spec = spec;
    const { names } = this.#known();
    for (const [key, { ban }] of this.#held) {
      if (ban.listener !== null && !names.has(ban.listener)) this.#held.delete(key);
    }
  }

  add(bans: readonly Ban[], nowMs: number): Changed {
    const { fit, failed } = sortOut("keep bans in mind", bans, this.#known().names);
    const now = this.#now();
    if (this.#held.size + fit.length > BANS_MAX) this.#forgetEnded(now);
    const room = BANS_MAX - this.#held.size;
    for (const ban of fit.slice(0, room)) {
      const remainingMs = timeoutMs(ban.until, nowMs);
      if (remainingMs > 0) this.#held.set(banKeyText(ban), { ban, end: now + remainingMs });
    }
    const over = fit
      .slice(room)
      .map((ban) => refusedBan("keep bans in mind", ban, `${BANS_MAX} are kept at most`));
    return { done: fit.length - over.length, failed: [...failed, ...over] };
  }

  remove(bans: readonly BanKey[]): Changed {
    for (const ban of bans) this.#held.delete(banKeyText(ban));
    return { done: bans.length, failed: [] };
  }

  list(): KernelBan[] {
    const now = this.#now();
    this.#forgetEnded(now);
    return [...this.#held.values()].map(({ ban: { source, listener, kind }, end }) => ({
      source,
      listener,
      kind,
      remainingMs: end - now,
      packets: null,
    }));
  }

  disturbed(): boolean {
    return false;
  }

  tearDown(): void {
    this.#spec = null;
    this.#held.clear();
  }

  [Symbol.dispose](): void {
    this.#held.clear();
  }

  #known(): { readonly names: ReadonlySet<string> } {
    if (this.#spec === null) throw new Error("a backend is used before setUp()");
    return { names: new Set(this.#spec.listeners.map(({ name }) => name)) };
  }

  #forgetEnded(now: number): void {
    for (const [key, { end }] of this.#held) if (end <= now) this.#held.delete(key);
  }
}
