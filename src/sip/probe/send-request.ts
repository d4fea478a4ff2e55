// Sends one request and waits for its final response. The transaction's timers run on real time. A record of everything
// that was no answer names the cause when no answer comes.

import { matchResponse, type SentRequest } from "../message/match.ts";
import type { SipMessage, SipResponse } from "../message/parse.ts";
import type { Via } from "../message/via.ts";
import { ProbeError } from "../outcome.ts";
import {
  dueAt,
  startTransaction,
  stepTransaction,
  type Transaction,
  type TransactionAction,
  type TransactionInput,
  type TransactionTimers,
} from "../transaction.ts";
import type { Channel, ChannelEvent } from "../transport/channel.ts";
import { isClientCertificateDemand } from "../transport/tls.ts";
import {
  closedVerdict,
  garbageVerdict,
  type Heard,
  NOTHING_HEARD,
  type ProbeVerdict,
  silenceVerdict,
} from "./verdict.ts";

/** More bytes than any answer has, however many messages they come in. */
const RECEIVED_BYTES_MAX = 4 * 1024 * 1024;

export interface SendOptions {
  readonly timers: TransactionTimers;
  /** Its abort ends the waiting: the deadline, or the caller's end. */
  readonly signal: AbortSignal;
  readonly now: () => number;
}

export interface FinalResponse {
  readonly response: SipResponse;
  readonly via: Via;
  readonly retransmits: number;
  /** Messages that were no answer to this request. */
  readonly strays: number;
}

/** Sends a request and waits for its final response. Throws `ProbeError` of the phase `response`. */
export function sendRequest(
  channel: Channel,
  bytes: Uint8Array,
  asked: SentRequest,
  options: SendOptions,
): Promise<FinalResponse> {
  return new Promise((resolve, reject) => {
    new RequestInFlight(channel, bytes, asked, options, { resolve, reject }).start();
  });
}

interface Ending {
  readonly resolve: (answered: FinalResponse) => void;
  readonly reject: (error: ProbeError) => void;
}

class RequestInFlight {
  readonly #channel: Channel;
  readonly #bytes: Uint8Array;
  readonly #asked: SentRequest;
  readonly #options: SendOptions;
  readonly #ending: Ending;
  readonly #onAbort = () => this.#giveUp();
  #transaction: Transaction;
  #timer: NodeJS.Timeout | null = null;
  #heard: Heard = NOTHING_HEARD;
  #over = false;

  constructor(channel: Channel, bytes: Uint8Array, asked: SentRequest, options: SendOptions, ending: Ending) {
    this.#channel = channel;
    this.#bytes = bytes;
    this.#asked = asked;
    this.#options = options;
    this.#ending = ending;
    this.#transaction = startTransaction(options.now(), channel.resends, options.timers);
  }

  start(): void {
    const { signal } = this.#options;
    signal.addEventListener("abort", this.#onAbort, { once: true });
    if (signal.aborted) {
      this.#giveUp();
      return;
    }
    this.#channel.send(this.#bytes);
    this.#armTimer();
    this.#channel.listen((event) => this.#onEvent(event));
  }

  #onEvent(event: ChannelEvent): void {
    if (this.#over) return;
    const isEndless = this.#channel.receivedBytes > RECEIVED_BYTES_MAX;
    if (isEndless) this.#fail({ outcome: "endless-response", detail: "more than 4 MB" });
    else if (event.kind === "message") this.#onMessage(event.message);
    else if (event.kind === "garbage") this.#onGarbage(garbageVerdict(event));
    else if (event.kind === "closed")
      this.#fail(closedVerdict(event, this.#heard, isClientCertificateDemand));
  }

  #onMessage(message: SipMessage): void {
    const answer = matchResponse(message, this.#asked);
    if (answer.kind === "unreadable")
      this.#hear({ garbage: this.#heard.garbage ?? "a response with faulty headers" });
    else if (answer.kind === "stray") this.#hear({ strays: this.#heard.strays + 1 });
    else this.#onAnswer(answer.response, answer.via);
  }

  #onAnswer(response: SipResponse, via: Via): void {
    const action = this.#step({ kind: "response", code: response.code });
    if (action === "provisional") this.#hear({ provisional: response.code });
    if (action !== "final") return;
    const { retransmits } = this.#transaction;
    this.#finish(() => this.#ending.resolve({ response, via, retransmits, strays: this.#heard.strays }));
  }

  /** A stream that cannot be framed is over; a datagram that is no message is passed over, unless it is endless. */
  #onGarbage(verdict: ProbeVerdict): void {
    if (!this.#channel.resends || verdict.outcome === "endless-response") {
      this.#fail(verdict);
      return;
    }
    const half = this.#heard.half || verdict.outcome === "half-message";
    this.#hear({ half, garbage: this.#heard.garbage ?? verdict.detail });
  }

  #hear(more: Partial<Heard>): void {
    this.#heard = { ...this.#heard, ...more };
  }

  #step(input: TransactionInput): TransactionAction {
    const { next, action } = stepTransaction(this.#transaction, input, this.#options.now());
    this.#transaction = next;
    return action;
  }

  #armTimer(): void {
    const delay = dueAt(this.#transaction) - this.#options.now();
    this.#timer = setTimeout(() => this.#onTimer(), Math.max(0, Math.ceil(delay)));
  }

  #onTimer(): void {
    const action = this.#step({ kind: "time" });
    if (action === "timeout") {
      this.#giveUp();
      return;
    }
    if (action === "resend") this.#channel.send(this.#bytes);
    this.#armTimer();
  }

  #giveUp(): void {
    this.#fail(silenceVerdict(this.#heard, this.#channel.pendingBytes));
  }

  #fail({ outcome, detail }: ProbeVerdict): void {
    const { retransmits } = this.#transaction;
    const error = new ProbeError(outcome, "response", detail, undefined, retransmits);
    this.#finish(() => this.#ending.reject(error));
  }

  #finish(end: () => void): void {
    if (this.#over) return;
    this.#over = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#options.signal.removeEventListener("abort", this.#onAbort);
    end();
  }
}
