// Goal: each fault of a server has its own outcome, in the phase where it happens. Way: servers of our own on loopback,
// each with one fault. The name of each test is what an operator would see.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type net from "node:net";
import { describe, test } from "node:test";
import type { Outcome, ProbeOptions, ProbeResult } from "../../src/sip/index.ts";
import { outcomeWords, probeAll, stateOf } from "../../src/sip/index.ts";
import type { SipRequest } from "../../src/sip/message/parse.ts";
import {
  DEADLINE_MS,
  fixedResolver,
  probeOnce,
  responseTo,
  type SendDatagram,
  targetOf,
  tcpServer,
  testOptions,
  udpServer,
} from "./sip-support.ts";

/** Loopback addresses on which nothing ever listens. A free port could become another test's a moment later. */
const NOBODY = "127.66.0.1";
const OTHER_NOBODY = "127.66.0.2";

const credentials = { user: "alice", password: "secret" };
const summary = ({ phase, outcome, detail, attempt }: ProbeResult) =>
  `${phase} ${outcome} ${attempt?.code ?? "-"} (${detail})`;
const expectOutcome = (result: ProbeResult, phase: string, outcome: Outcome) =>
  assert.deepEqual([result.phase, result.outcome], [phase, outcome], summary(result));

interface TcpCase {
  readonly name: string;
  readonly outcome: Outcome;
  readonly onConnect?: (socket: net.Socket) => void;
  readonly onRequest?: (socket: net.Socket, request: SipRequest, count: number) => void;
  readonly options?: Partial<ProbeOptions>;
  readonly check?: (result: ProbeResult) => void;
}

const foreign = (request: SipRequest): SipRequest => ({
  ...request,
  headers: request.headers.map((h) =>
    h.name === "Via" ? { ...h, value: h.value.replace(/branch=\w+/, "branch=z9hG4bKother") } : h,
  ),
});
const challenge = (realm: string, extra = "") => ({
  "WWW-Authenticate": `Digest realm="${realm}", nonce="n${Math.floor(performance.now() * 1000)}", qop="auth"${extra}`,
});

const TCP_CASES: readonly TcpCase[] = [
  { name: "accepts and stays silent", outcome: "no-response" },
  { name: "closes at once", outcome: "closed-early", onConnect: (s) => s.end() },
  { name: "resets at once", outcome: "reset", onRequest: (s) => s.resetAndDestroy() },
  {
    name: "speaks another protocol",
    outcome: "bad-response",
    onConnect: (s) => s.write("220 mail.example ESMTP\r\n"),
  },
  {
    name: "sends binary garbage",
    outcome: "bad-response",
    onRequest: (s) => s.write(Buffer.from([0, 1, 2, 255, 254])),
  },
  {
    name: "sends half a message and waits",
    outcome: "half-message",
    onRequest: (s, r) => s.write(responseTo(r, 200, "OK").subarray(0, 60)),
  },
  {
    name: "sends half a message and closes",
    outcome: "half-message",
    onRequest: (s, r) => s.end(responseTo(r, 200, "OK").subarray(0, 60)),
  },
  {
    name: "promises a longer body than it sends",
    outcome: "half-message",
    onRequest: (s, r) =>
      s.write(responseTo(r, 200, "OK").toString("latin1").replace("Content-Length: 0", "Content-Length: 9")),
  },
  {
    name: "answers something else",
    outcome: "stray-response",
    onRequest: (s, r) => s.write(responseTo(foreign(r), 200, "OK")),
  },
  {
    name: "answers something else first",
    outcome: "answered",
    onRequest: (s, r) =>
      s.write(Buffer.concat([responseTo(foreign(r), 500, "No"), responseTo(r, 200, "OK")])),
    check: ({ attempt }) => assert.equal(attempt?.strays, 1),
  },
  {
    name: "leaves out Content-Length",
    outcome: "bad-response",
    onRequest: (s, r) =>
      s.write(responseTo(r, 200, "OK").toString("latin1").replace("Content-Length: 0\r\n", "")),
  },
  {
    name: "sends headers without end",
    outcome: "endless-response",
    onRequest: (s) =>
      s.write(`SIP/2.0 200 OK\r\n${"X-Filler: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n".repeat(3000)}`),
  },
  {
    name: "announces an endless body",
    outcome: "endless-response",
    onRequest: (s, r) =>
      s.write(
        responseTo(r, 200, "OK").toString("latin1").replace("Content-Length: 0", "Content-Length: 99999999"),
      ),
  },
  {
    name: "sends answers to others without end",
    outcome: "endless-response",
    onRequest: (s, r) => {
      const flood = Buffer.concat(Array.from({ length: 200 }, () => responseTo(foreign(r), 200, "OK")));
      const pour = () => {
        while (!s.destroyed && s.write(flood));
      };
      s.on("drain", pour);
      pour();
    },
    options: { deadlineMs: 8000 },
  },
  {
    name: "sends 1xx and no more",
    outcome: "no-final-response",
    onRequest: (s, r) => s.write(responseTo(r, 100, "Trying")),
  },
  {
    name: "answers late",
    outcome: "late",
    onRequest: (s, r) => setTimeout(() => s.write(responseTo(r, 200, "OK")), 400),
    options: { lateAfterMs: 300 },
    check: ({ attempt }) => assert.equal(attempt?.code, 200),
  },
  {
    name: "redirects",
    outcome: "redirect",
    onRequest: (s, r) => s.write(responseTo(r, 302, "Moved", { Contact: "<sip:192.0.2.1>" })),
    check: ({ attempt }) => assert.equal(attempt?.answer?.contact, "<sip:192.0.2.1>"),
  },
  {
    name: "is in maintenance",
    outcome: "unavailable",
    onRequest: (s, r) => s.write(responseTo(r, 503, "Service Unavailable", { "Retry-After": "120" })),
    check: ({ attempt }) => assert.equal(attempt?.answer?.retryAfter, "120"),
  },
  { name: "fails inside", outcome: "server-error", onRequest: (s, r) => s.write(responseTo(r, 500, "Oops")) },
  {
    name: "relays a timeout",
    outcome: "relayed-timeout",
    onRequest: (s, r) => s.write(responseTo(r, 408, "Timeout")),
  },
  {
    name: "answers 404 where 200 is expected",
    outcome: "unexpected-code",
    onRequest: (s, r) => s.write(responseTo(r, 404, "Not Found")),
    options: { expectation: { accepted: [{ from: 200, to: 299 }], refused: [] } },
  },
  { name: "answers 404", outcome: "answered", onRequest: (s, r) => s.write(responseTo(r, 404, "Not Found")) },
  {
    name: "asks for credentials we have not",
    outcome: "answered",
    onRequest: (s, r) => s.write(responseTo(r, 401, "Unauthorized", challenge("a"))),
    check: ({ attempt }) => assert.equal(attempt?.code, 401),
  },
  {
    name: "rejects the credentials",
    outcome: "auth-rejected",
    onRequest: (s, r) => s.write(responseTo(r, 401, "Unauthorized", challenge("a"))),
    options: { credentials },
  },
  {
    name: "calls the nonce stale once",
    outcome: "answered",
    onRequest: (s, r, n) =>
      s.write(
        n > 2
          ? responseTo(r, 200, "OK")
          : responseTo(r, 401, "U", challenge("a", n > 1 ? ", stale=true" : "")),
      ),
    options: { credentials },
    check: ({ attempt }) =>
      assert.deepEqual([attempt?.answer?.authenticated, attempt?.answer?.nonceRenewed], [true, true]),
  },
  {
    name: "calls every nonce stale",
    outcome: "stale-nonce",
    onRequest: (s, r) => s.write(responseTo(r, 401, "U", challenge("a", ", stale=true"))),
    options: { credentials },
  },
  {
    name: "asks in a new realm every time",
    outcome: "challenge-loop",
    onRequest: (s, r, n) => s.write(responseTo(r, 401, "U", challenge(`realm ${n}`))),
    options: { credentials },
  },
  {
    name: "asks for Basic",
    outcome: "auth-unsupported",
    onRequest: (s, r) => s.write(responseTo(r, 401, "U", { "WWW-Authenticate": 'Basic realm="a"' })),
    options: { credentials },
  },
  {
    name: "puts terminal commands into its words",
    outcome: "answered",
    onRequest: (s, r) => s.write(responseTo(r, 200, "OK\x1b[2J\x07", { Server: "evil\x1b]0;owned\x07" })),
    check: ({ attempt }) =>
      assert.doesNotMatch(`${attempt?.reason}${attempt?.answer?.server}`, /[\x00-\x1f]/),
  },
];

describe("over TCP", { concurrency: 8 }, () => {
  for (const { name, outcome, onConnect, onRequest, options, check } of TCP_CASES) {
    test(`a server that ${name} is ${outcome}`, async () => {
      await using server = await tcpServer(onRequest ?? (() => {}), onConnect);
      const start = performance.now();
      const result = await probeOnce(`tcp:127.0.0.1:${server.port}`, options);
      expectOutcome(result, "response", outcome);
      check?.(result);
      assert.ok(
        performance.now() - start < (options?.deadlineMs ?? DEADLINE_MS) + 1000,
        "ends by its deadline",
      );
      assert.ok(outcomeWords(result.outcome).text.length > 0);
    });
  }
});

test("a response that comes byte by byte is an answer", async () => {
  await using server = await tcpServer((socket, request) => {
    const bytes = [...responseTo(request, 200, "OK")];
    const next = () => {
      const byte = bytes.shift();
      if (byte === undefined) return;
      socket.write(Uint8Array.of(byte));
      setImmediate(next);
    };
    next();
  });
  expectOutcome(await probeOnce(`tcp:127.0.0.1:${server.port}`), "response", "answered");
});

test("a port that nobody listens on is refused, over TCP and over UDP", async () => {
  expectOutcome(await probeOnce(`tcp:${NOBODY}:5060`), "connect", "refused");
  const udp = await probeOnce(`udp:${NOBODY}:5060`);
  expectOutcome(udp, "response", "refused");
  assert.ok((udp.ms.total ?? 0) < DEADLINE_MS, "told by ICMP, not by waiting");
});

test("a server that takes no TLS handshake is tls-timeout, one that closes in it tls-closed, one that resets tls-reset", async () => {
  await using silent = await tcpServer(() => {});
  const raw = (act: (socket: net.Socket) => void) =>
    tcpServer(
      () => {},
      (socket) => {
        socket.removeAllListeners("data");
        act(socket);
      },
    );
  await using mute = await raw((socket) => socket.resume());
  await using closing = await raw((socket) => socket.once("data", () => socket.end()));
  await using resetting = await raw((socket) => socket.once("data", () => socket.resetAndDestroy()));
  await using plain = await raw((socket) =>
    socket.once("data", () => socket.write("HTTP/1.1 400 Bad Request\r\n\r\n")),
  );
  assert.ok(silent.port > 0);
  expectOutcome(await probeOnce(`tls:127.0.0.1:${mute.port}`), "tls", "tls-timeout");
  expectOutcome(await probeOnce(`tls:127.0.0.1:${closing.port}`), "tls", "tls-closed");
  expectOutcome(await probeOnce(`tls:127.0.0.1:${resetting.port}`), "tls", "tls-reset");
  expectOutcome(await probeOnce(`tls:127.0.0.1:${plain.port}`), "tls", "tls-not-spoken");
});

const accept = (key: string) =>
  createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
const upgrade = (key: string, protocol = "Sec-WebSocket-Protocol: sip\r\n") =>
  `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept(key)}\r\n${protocol}\r\n`;

for (const [name, phase, outcome, answer] of [
  ["refuses the path", "ws", "ws-http", () => "HTTP/1.1 404 Not Found\r\n\r\n"],
  ["leaves out the subprotocol", "ws", "ws-no-subprotocol", (key: string) => upgrade(key, "")],
  ["answers with a wrong key", "ws", "ws-bad-handshake", () => upgrade("wrong")],
  ["speaks no HTTP", "ws", "ws-bad-handshake", () => "220 mail.example ESMTP\r\n"],
  ["says nothing", "ws", "ws-timeout", () => ""],
  ["closes the WebSocket", "response", "ws-closed", (key: string) => `${upgrade(key)}\x88\x02\x03\xf1`],
  [
    "sends a masked frame",
    "response",
    "ws-closed",
    (key: string) => `${upgrade(key)}\x81\x80\x00\x00\x00\x00`,
  ],
  [
    "sends a message that is no SIP",
    "response",
    "bad-response",
    (key: string) => `${upgrade(key)}\x81\x05hello`,
  ],
  ["says nothing after the handshake", "response", "no-response", upgrade],
] as const) {
  test(`a WebSocket server that ${name} is ${outcome}`, async () => {
    await using server = await tcpServer(
      () => {},
      (socket) => {
        socket.removeAllListeners("data");
        socket.once("data", (chunk) => {
          const key = /Sec-WebSocket-Key: (\S+)/.exec(chunk.toString("latin1"))![1]!;
          socket.write(Buffer.from(answer(key), "latin1"));
          socket.resume();
        });
      },
    );
    expectOutcome(await probeOnce(`ws://127.0.0.1:${server.port}/`), phase, outcome);
  });
}

interface UdpCase {
  readonly name: string;
  readonly outcome: Outcome;
  readonly onRequest: (send: SendDatagram, request: SipRequest, count: number) => void;
  readonly options?: Partial<ProbeOptions>;
  readonly retransmits?: number;
}

const UDP_CASES: readonly UdpCase[] = [
  { name: "says nothing", outcome: "no-response", onRequest: () => {}, retransmits: 1 },
  {
    name: "sends garbage",
    outcome: "bad-response",
    onRequest: (send) => send(Buffer.from("hello")),
    retransmits: 1,
  },
  {
    name: "cuts its answer",
    outcome: "half-message",
    onRequest: (send, r) => send(responseTo(r, 200, "OK").subarray(0, 50)),
  },
  {
    name: "answers something else",
    outcome: "stray-response",
    onRequest: (send, r) => send(responseTo(foreign(r), 200, "OK")),
  },
  {
    name: "loses the first request",
    outcome: "retransmitted",
    onRequest: (send, r, n) => {
      if (n > 1) send(responseTo(r, 200, "OK"));
    },
    options: { deadlineMs: 3000 },
    retransmits: 1,
  },
  {
    name: "answers twice",
    outcome: "answered",
    onRequest: (send, r) => {
      send(responseTo(r, 200, "OK"));
      send(responseTo(r, 200, "OK"));
    },
    retransmits: 0,
  },
  {
    name: "sends garbage before its answer",
    outcome: "answered",
    onRequest: (send, r) => {
      send(Buffer.from([0, 1, 2]));
      send(responseTo(r, 200, "OK"));
    },
  },
];

describe("over UDP", { concurrency: 8 }, () => {
  for (const { name, outcome, onRequest, options, retransmits } of UDP_CASES) {
    test(`over UDP a server that ${name} is ${outcome}`, async () => {
      await using server = await udpServer(onRequest);
      const result = await probeOnce(`udp:127.0.0.1:${server.port}`, options);
      expectOutcome(result, "response", outcome);
      if (retransmits !== undefined) assert.equal(result.attempt?.retransmits, retransmits);
      assert.equal(result.ms.connect, null, "UDP connects nothing");
    });
  }
});

test("the first of several addresses is passed over and told where it is dead", async () => {
  await using server = await tcpServer(
    (socket, request) => socket.write(responseTo(request, 200, "OK")),
    undefined,
    "127.0.0.2",
  );
  const lookup = { resolver: fixedResolver([NOBODY, "127.0.0.2"]), random: () => 0, family: null };
  const text = `tcp:two.example:${server.port}`;
  const result = await probeOnce(text, { lookup });
  expectOutcome(result, "response", "failed-over");
  assert.equal(stateOf(result.outcome), "degraded");
  assert.deepEqual(
    result.failed.map((f) => [f.destination.address, f.outcome]),
    [[NOBODY, "refused"]],
  );
  const all = await probeAll(targetOf(text), testOptions({ lookup }), new AbortController().signal);
  assert.deepEqual(
    all.map((r) => [r.attempt?.destination.address, r.outcome]),
    [
      [NOBODY, "refused"],
      ["127.0.0.2", "answered"],
    ],
  );
});

test("when all addresses are dead the first one's cause is told", async () => {
  const lookup = { resolver: fixedResolver([NOBODY, OTHER_NOBODY]), random: () => 0, family: null };
  const result = await probeOnce("tcp:two.example:5060", { lookup });
  expectOutcome(result, "connect", "refused");
  assert.equal(result.failed.length, 1);
});

test("a name without an address, a DNS that fails and one that is silent each have their outcome", async () => {
  const resolver = fixedResolver([]);
  const options = { random: () => 0, family: null };
  expectOutcome(
    await probeOnce("tcp:none.example:1", { lookup: { ...options, resolver } }),
    "lookup",
    "dns-empty",
  );
  const silent = { ...resolver, addresses: () => new Promise<never>(() => {}) };
  expectOutcome(
    await probeOnce("tcp:slow.example:1", { deadlineMs: 100, lookup: { ...options, resolver: silent } }),
    "lookup",
    "lookup-timeout",
  );
});

test("a probe that is called off ends at once and leaves no socket", async () => {
  await using server = await tcpServer(() => {});
  const { probe } = await import("../../src/sip/index.ts");
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 50);
  const start = performance.now();
  await probe(
    targetOf(`tcp:127.0.0.1:${server.port}`),
    testOptions({ deadlineMs: 20_000 }),
    controller.signal,
  );
  assert.ok(performance.now() - start < 2000);
});

test("REGISTER binds and then removes its binding on the same connection", async () => {
  await using server = await tcpServer((socket, request) => socket.write(responseTo(request, 200, "OK")));
  const result = await probeOnce(`sip:alice@127.0.0.1:${server.port};transport=tcp`, { method: "REGISTER" });
  expectOutcome(result, "response", "answered");
  const expires = server.requests.map((r) => r.headers.find((h) => h.name === "Expires")?.value);
  assert.deepEqual(expires, ["60", "0"]);
  const contacts = new Set(server.requests.map((r) => r.headers.find((h) => h.name === "Contact")?.value));
  assert.equal(contacts.size, 1);
  assert.equal(server.requests[0]!.uri, "sip:127.0.0.1");
  assert.equal(result.attempt?.answer?.bindingRemoved, true);
});
