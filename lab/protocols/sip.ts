// SIP over TCP as a phone speaks it: REGISTER, the digest that is asked for (RFC 3261, section 22), CRLFCRLF pings (RFC
// 5626, section 4.4.1), OPTIONS. It knows as much as a registrar's answers need. It shares nothing with src/sip, so
// that the lab does not judge the program by the program's own code.

import { createHash } from "node:crypto";
import { type Dialogue, DONE, type Protocol, REFUSED, type Reply, WAIT } from "./protocol.ts";

export const SIP_REALM = "lab.invalid";
/** Every phone's password. */
export const SIP_PASSWORD = "lab";

export const sipProtocol: Protocol = {
  join: (client) => new Registration(client),
  ping: () => ({ opening: "\r\n\r\n", hear: (piece) => (piece.includes("\r\n") ? DONE : WAIT) }),
  call: (client) => {
    const answers = new RegistrarAnswers();
    return {
      opening: request({ method: "OPTIONS", client, sequence: 1, headers: "" }),
      hear: (piece) => replyTo(answers.take(piece)),
    };
  },
};

function replyTo(answer: RegistrarAnswer | null): Reply {
  if (answer === null) return WAIT;
  return answer.code < 300 ? DONE : REFUSED;
}

/** Numbers messages, since a branch or a Call-ID may be used only once. */
let messages = 0;

/** REGISTER, and again with the digest if the registrar asks for one. */
class Registration implements Dialogue {
  readonly opening: string;
  readonly #client: number;
  readonly #answers = new RegistrarAnswers();
  #sequence = 1;

  constructor(client: number) {
    this.#client = client;
    this.opening = this.#register("");
  }

  hear(piece: string): Reply {
    const answer = this.#answers.take(piece);
    if (answer?.code !== 401 || this.#sequence > 1) return replyTo(answer);
    this.#sequence++;
    return { kind: "say", text: this.#register(digestHeader(this.#client, answer.head)) };
  }

  #register(credentials: string): string {
    const contact = `Contact: <sip:${this.#client}@phone.invalid;transport=tcp>\r\nExpires: 3600\r\n`;
    return request({
      method: "REGISTER",
      client: this.#client,
      sequence: this.#sequence,
      headers: contact + credentials,
    });
  }
}

function digestHeader(client: number, head: string): string {
  const nonce = /\bnonce="([^"]+)"/.exec(head)?.[1] ?? "";
  const user = `phone${client}`;
  const secret = md5(`${user}:${SIP_REALM}:${SIP_PASSWORD}`);
  const response = md5(`${secret}:${nonce}:${md5(`REGISTER:${URI}`)}`);
  return (
    `Authorization: Digest username="${user}", realm="${SIP_REALM}", nonce="${nonce}", ` +
    `uri="${URI}", response="${response}"\r\n`
  );
}

const URI = `sip:${SIP_REALM}`;
const PLAY_ID = process.pid.toString(36);

function md5(text: string): string {
  return createHash("md5").update(text).digest("hex");
}

interface PhoneRequest {
  readonly method: "REGISTER" | "OPTIONS";
  readonly client: number;
  readonly sequence: number;
  readonly headers: string;
}

function request({ method, client, sequence, headers }: PhoneRequest): string {
  const user = `phone${client}`;
  return (
    `${method} ${URI} SIP/2.0\r\n` +
    `Via: SIP/2.0/TCP ${user}.invalid:5060;branch=z9hG4bK${PLAY_ID}.${++messages};rport\r\n` +
    "Max-Forwards: 70\r\n" +
    `From: <sip:${user}@${SIP_REALM}>;tag=${client}\r\n` +
    `To: <sip:${user}@${SIP_REALM}>\r\n` +
    `Call-ID: ${PLAY_ID}.${messages - (sequence - 1)}@${user}.invalid\r\n` +
    `CSeq: ${sequence} ${method}\r\n` +
    `${headers}Content-Length: 0\r\n\r\n`
  );
}

interface RegistrarAnswer {
  readonly code: number;
  readonly head: string;
}

/** Cuts the bytes that come into responses. Provisional ones and pongs are left out. */
class RegistrarAnswers {
  #text = "";

  /** The first complete final response. */
  take(piece: string): RegistrarAnswer | null {
    this.#text += piece;
    for (;;) {
      this.#text = this.#text.replace(/^[\r\n]+/, "");
      const end = this.#text.indexOf("\r\n\r\n");
      if (end < 0) return null;
      const head = this.#text.slice(0, end);
      const body = Number(/^(?:Content-Length|l)\s*:\s*(\d+)/im.exec(head)?.[1] ?? 0);
      if (this.#text.length < end + 4 + body) return null;
      this.#text = this.#text.slice(end + 4 + body);
      // Anything else than a response counts as a refusal.
      const code = Number(/^SIP\/2\.0 (\d{3}) /.exec(head)?.[1] ?? 999);
      if (code >= 200) return { code, head };
    }
  }
}
