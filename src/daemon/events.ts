// Tells events to all who listen: the log, the live stream. A listener that throws is told nothing more.

import type { EventDocument } from "../api/index.ts";
import { type Ban, type Finding, formatDuration, formatNetwork, type RuleName } from "../model/index.ts";

export type EventListener = (event: EventDocument) => void;

export class EventHub {
  readonly #listeners = new Set<EventListener>();
  readonly #now: () => number;

  /** `now` gives milliseconds since the epoch. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Tells an event to everybody. */
  tell(event: EventDocument["event"], text: string, more: Pick<EventDocument, "finding" | "ban"> = {}): void {
    this.#emit({ at: new Date(this.#now()).toISOString(), event, text, ...more });
  }

  follow(listener: EventListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #emit(event: EventDocument): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch {
        this.#listeners.delete(listener);
      }
    }
  }
}

/** Every line says so when nothing was changed. */
const would = (observes: boolean, done: string, wouldBe: string): string =>
  observes ? `would ${wouldBe}` : done;

export function banText(ban: Ban, observes: boolean): string {
  const source = formatNetwork(ban.source);
  const [done, wouldBe] = ban.kind === "ban" ? ["banned", "ban"] : ["capped", "cap"];
  const where = ban.listener === null ? "every guarded listener" : ban.listener;
  const term = formatDuration(ban.until - ban.since);
  return `${would(observes, done, wouldBe)} ${source} at ${where} for ${term}: ${ban.reason} [${ban.rule}]`;
}

export function evictionText(
  {
    source,
    listener,
    count,
    rule,
  }: {
    readonly source: string;
    readonly listener: string | null;
    readonly count: number;
    readonly rule: RuleName;
  },
  observes: boolean,
): string {
  const connections = count === 1 ? "1 connection" : `${count} connections`;
  return `${would(observes, "evicted", "evict")} ${connections} of ${source} at ${listener ?? "every guarded listener"} [${rule}]`;
}

export function findingText({ source, listener, text, rule }: Finding): string {
  const who = source === null ? "" : `${source}: `;
  return `${listener === null ? "" : `${listener}: `}${who}${text} [${rule}]`;
}
