// The live stream: server-sent events for one reader (WHATWG HTML, section 9.2). The service never waits for a reader:
// it drops events that do not fit the reader's queue, and a notice in their place tells how many.
//
//   event: ban                                a line break after each field, an empty line after each event;
//   data: {"at":"...","event":"ban",...}      `: ` begins a comment, sent when there is nothing else to say

import type { EventDocument } from "./contract.ts";
import type { ApiService } from "./service.ts";

export const QUEUE_EVENTS_MAX = 1000;
const HEARTBEAT_MS = 15_000;
const HEARTBEAT = ": alive\n\n";

export interface EventStreamOptions {
  readonly heartbeatMs?: number;
  /** Called once, when the reader has gone. */
  readonly onEnd: () => void;
}

export function eventStream(
  service: Pick<ApiService, "follow">,
  { heartbeatMs = HEARTBEAT_MS, onEnd }: EventStreamOptions,
): ReadableStream<Uint8Array> {
  const queue = new StreamQueue();
  const encoder = new TextEncoder();
  let unfollow = (): void => {};
  return new ReadableStream(
    {
      start(controller) {
        unfollow = service.follow((event) => queue.push(event));
        // Tells the reader that it is connected, before the first event.
        controller.enqueue(encoder.encode(HEARTBEAT));
      },
      async pull(controller) {
        const event = await queue.next(heartbeatMs);
        if (!queue.closed)
          controller.enqueue(encoder.encode(event === null ? HEARTBEAT : formatEvent(event)));
      },
      cancel() {
        unfollow();
        queue.close();
        onEnd();
      },
    },
    // The stream readies one event at a time; the others wait in the queue, which is bounded.
    { highWaterMark: 1 },
  );
}

/** JSON has no raw line breaks, so one data line holds a whole document. */
export function formatEvent(event: EventDocument): string {
  return `event: ${event.event}\ndata: ${JSON.stringify(event)}\n\n`;
}

/** First in, first out. A full queue drops the newest events, and one event in their place says how many. */
export class StreamQueue {
  #events: EventDocument[] = [];
  #dropped = 0;
  #droppedAt = "";
  #wake: (() => void) | null = null;
  closed = false;

  push(event: EventDocument): void {
    if (this.closed) return;
    if (this.#events.length >= QUEUE_EVENTS_MAX || this.#dropped > 0) {
      this.#dropped++;
      this.#droppedAt = event.at;
      return;
    }
    this.#events.push(event);
    this.#wake?.();
  }

  /** The next event, or null where none comes in time. */
  async next(waitMs: number): Promise<EventDocument | null> {
    if (this.#events.length === 0 && this.#dropped === 0 && !this.closed) await this.#pushed(waitMs);
    const event = this.#events.shift();
    if (event !== undefined) return event;
    return this.#dropped > 0 ? this.#dropNotice() : null;
  }

  close(): void {
    this.closed = true;
    this.#events = [];
    this.#wake?.();
  }

  #dropNotice(): EventDocument {
    const text = `${this.#dropped} events were dropped: this reader is too slow`;
    this.#dropped = 0;
    return { at: this.#droppedAt, event: "dropped", text };
  }

  #pushed(waitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#wake = null;
        resolve();
      };
      const timer = setTimeout(done, waitMs);
      this.#wake = done;
    });
  }
}
