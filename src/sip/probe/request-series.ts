// All requests of one try: they share Call-ID and From tag, count up CSeq, and answer challenges (RFC 3261 section 22).

import type { Challenge } from "../auth/challenge.ts";
import { authorization, type Credentials } from "../auth/digest.ts";
import { type AuthSession, answerChallenge, hasRenewedNonce, NO_ANSWERS } from "../auth/session.ts";
import type { Header } from "../message/header.ts";
import { buildRequest, type DialogIds, newBranch } from "../message/request.ts";
import { header, serializeMessage } from "../message/serialize.ts";
import { type Outcome, ProbeError } from "../outcome.ts";
import { randomHex, systemHash } from "../system.ts";
import type { Channel } from "../transport/channel.ts";
import { type FinalResponse, type SendOptions, sendRequest } from "./send-request.ts";

export interface Question {
  readonly method: string;
  readonly requestUri: string;
  readonly toUri: string;
  readonly fromUri: string;
  readonly maxForwards: number;
  readonly userAgent: string;
  readonly extra: readonly Header[];
}

export interface Replied extends FinalResponse {
  /** Set where the last response is a refusal of our credentials. */
  readonly refusal: Outcome | null;
  readonly authenticated: boolean;
  readonly nonceRenewed: boolean;
}

export class RequestSeries {
  readonly #channel: Channel;
  readonly #credentials: Credentials | null;
  readonly #options: SendOptions;
  readonly #ids: DialogIds = { callId: randomHex(16), fromTag: randomHex(4) };
  readonly #nonceUses = new Map<string, number>();
  #known: readonly Challenge[] = [];
  #cseq = 0;

  constructor(channel: Channel, credentials: Credentials | null, options: SendOptions) {
    this.#channel = channel;
    this.#credentials = credentials;
    this.#options = options;
  }

  /** Asks until an answer is no challenge, or one that we cannot meet. Throws `ProbeError`. */
  async ask(question: Question): Promise<Replied> {
    let session: AuthSession = NO_ANSWERS;
    let retransmits = 0;
    let strays = 0;
    for (;;) {
      const answered = await this.#send(question);
      retransmits += answered.retransmits;
      strays += answered.strays;
      const { code, headers } = answered.response;
      const total = { ...answered, retransmits, strays, nonceRenewed: hasRenewedNonce(session) };
      const authenticated = this.#known.length > 0;
      if (this.#credentials === null || (code !== 401 && code !== 407))
        return { ...total, authenticated, refusal: null };
      const step = answerChallenge(session, code, headers);
      if (step.kind === "refuse") return { ...total, authenticated: false, refusal: step.refusal };
      session = step.session;
      this.#known = session.answered.map(({ challenge }) => challenge);
    }
  }

  #send(question: Question): Promise<FinalResponse> {
    const { viaTransport, sentBy } = this.#channel;
    const branch = newBranch(randomHex);
    const request = buildRequest({
      ...question,
      viaTransport,
      sentBy,
      ids: this.#ids,
      branch,
      cseq: ++this.#cseq,
      extra: [...question.extra, ...this.#known.map((challenge) => this.#answer(challenge, question))],
    });
    const bytes = serializeMessage(request);
    if (this.#channel.resends && bytes.length > DATAGRAM_BYTES_MAX)
      throw new ProbeError(
        "local-error",
        "response",
        `request of ${bytes.length} bytes is too long for UDP; use TCP`,
      );
    return sendRequest(this.#channel, bytes, { branch, method: question.method, sentBy }, this.#options);
  }

  #answer(challenge: Challenge, { method, requestUri }: Question): Header {
    const nonceCount = (this.#nonceUses.get(challenge.nonce) ?? 0) + 1;
    this.#nonceUses.set(challenge.nonce, nonceCount);
    const credentials = this.#credentials ?? { user: "", password: "" };
    const input = { challenge, credentials, method, uri: requestUri, cnonce: randomHex(8), nonceCount };
    const { name, value } = authorization(input, systemHash);
    return header(name, value);
  }
}

/** RFC 3261 section 18.1.1: a longer request could be fragmented, and must go over TCP. */
const DATAGRAM_BYTES_MAX = 1300;
