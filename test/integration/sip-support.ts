// The kit of the SIP tests: a probe with test options, servers on free loopback ports, answers that fit a request.

import dgram from "node:dgram";
import { once } from "node:events";
import net, { type AddressInfo } from "node:net";
import {
  type ProbeOptions,
  type ProbeResult,
  parseTarget,
  probe,
  type Resolver,
  RFC_TIMERS,
  randomFraction,
  systemResolver,
  type Target,
} from "../../src/sip/index.ts";
import { parseMessage, type SipRequest } from "../../src/sip/message/parse.ts";
import { header, serializeMessage } from "../../src/sip/message/serialize.ts";

/** Short enough for a test of silence, long enough for a busy machine to answer. */
export const DEADLINE_MS = 1000;

export function testOptions(changes: Partial<ProbeOptions> = {}): ProbeOptions {
  return {
    method: "OPTIONS",
    credentials: null,
    deadlineMs: DEADLINE_MS,
    lateAfterMs: 700,
    expectation: null,
    timers: RFC_TIMERS,
    maxForwards: 70,
    userAgent: "sockwarden/test",
    localAddress: null,
    tls: { minVersion: "TLSv1.2", ca: null, certificate: null, insecure: false },
    lookup: { resolver: systemResolver(), random: randomFraction, family: null },
    keepBinding: false,
    wallClockMs: () => Date.now(),
    ...changes,
  };
}

export function targetOf(text: string): Target {
  const target = parseTarget(text);
  if ("kind" in target) throw new Error(`${text}: ${target.why}`);
  return target;
}

export function probeOnce(text: string, changes: Partial<ProbeOptions> = {}): Promise<ProbeResult> {
  return probe(targetOf(text), testOptions(changes), new AbortController().signal);
}

/** A resolver that gives a name these addresses, in this order. */
export function fixedResolver(addresses: readonly string[]): Resolver {
  return {
    naptr: async () => [],
    srv: async () => [],
    addresses: async () => addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
  };
}

/** A response to a request, as a server would copy its headers. */
export function responseTo(
  request: SipRequest,
  code: number,
  reason: string,
  extra: Readonly<Record<string, string>> = {},
): Buffer {
  const copied = request.headers.filter(({ name }) => ["Via", "From", "Call-ID", "CSeq"].includes(name));
  const to = request.headers.find(({ name }) => name === "To")!;
  const headers = [
    ...copied,
    header("To", `${to.value};tag=test`),
    ...Object.entries(extra).map(([name, value]) => header(name, value)),
  ];
  return Buffer.from(serializeMessage({ kind: "response", code, reason, headers, body: new Uint8Array() }));
}

export function readRequest(bytes: Uint8Array): SipRequest {
  const message = parseMessage(bytes);
  if (message.kind !== "request") throw new Error(`not a request: ${JSON.stringify(message)}`);
  return message;
}

export interface TestServer extends AsyncDisposable {
  readonly port: number;
  /** Requests seen, each as it came. */
  readonly requests: SipRequest[];
}

/** Answers each request on each connection. It takes one segment for one request. `onConnect` runs before any. */
export async function tcpServer(
  onRequest: (socket: net.Socket, request: SipRequest, count: number) => void,
  onConnect: (socket: net.Socket) => void = () => {},
  host = "127.0.0.1",
): Promise<TestServer> {
  const sockets = new Set<net.Socket>();
  const requests: SipRequest[] = [];
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {}).on("close", () => sockets.delete(socket));
    socket.on("data", (chunk) => {
      requests.push(readRequest(chunk));
      onRequest(socket, requests.at(-1)!, requests.length);
    });
    onConnect(socket);
  });
  server.listen(0, host);
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

export type SendDatagram = (bytes: Uint8Array) => void;

export async function udpServer(
  onRequest: (send: SendDatagram, request: SipRequest, count: number) => void,
  host = "127.0.0.1",
): Promise<TestServer> {
  const socket = dgram.createSocket(host.includes(":") ? "udp6" : "udp4");
  const requests: SipRequest[] = [];
  socket.on("message", (bytes, peer) => {
    requests.push(readRequest(bytes));
    onRequest((answer) => socket.send(answer, peer.port, peer.address), requests.at(-1)!, requests.length);
  });
  socket.bind(0, host);
  await once(socket, "listening");
  return {
    port: socket.address().port,
    requests,
    [Symbol.asyncDispose]: async () => {
      socket.close();
      await once(socket, "close");
    },
  };
}

/** A port that nobody listens on: one that was free a moment ago. */
export async function freePort(host = "127.0.0.1"): Promise<number> {
  const server = net.createServer().listen(0, host);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
