// Goal: each behaviour of a population puts the victim's sockets into the state that it is meant for. Way: the victim's
// own socket table as ss prints it. The clients' counts are compared with that, never trusted alone.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Behaviour } from "./behaviours.ts";
import { type HoldOptions, type Lab, labUnavailable, openLab, until } from "./index.ts";
import { addressOf, readSockets, type SocketLine } from "./testing/sockets.ts";

describe("a population", { skip: labUnavailable() ?? false }, () => {
  let lab: Lab;
  let nextPort = 5000;
  before(async () => {
    lab = await openLab();
  });
  after(() => lab.close());

  const to = (port: number) => ({ address: lab.victimAddress4, port });
  const socketsOf = (port: number) => readSockets(lab.victim, ["sport", "=", `:${port}`]);

  /** Waits until the victim has `count` sockets on the port, all as `expected` says. */
  async function expectSockets(
    port: number,
    count: number,
    expected: (socket: SocketLine) => boolean,
  ): Promise<readonly SocketLine[]> {
    let sockets: readonly SocketLine[] = [];
    await until(
      async () => {
        sockets = await socketsOf(port);
        return sockets.length === count && sockets.every(expected);
      },
      { what: `${count} sockets on port ${port} as expected`, timeoutMs: 5000 },
    ).catch((error: Error) => {
      throw new Error(`${error.message}; the last seen:\n${sockets.map(({ text }) => text).join("\n")}`);
    });
    return sockets;
  }

  /** Plays a population against a server of its own, on a port of its own. */
  async function play(
    options: Pick<HoldOptions, "behaviour"> & Partial<HoldOptions>,
    mode: "echo" | "leak" = "echo",
  ) {
    const server = await lab.echo({ port: nextPort++, mode });
    const population = await lab.hold({
      count: 12,
      sources: { family: 4, addresses: 4 },
      target: to(server.port),
      ...options,
    });
    return { server, population, port: server.port };
  }

  test("spreads its connections evenly over its source addresses", async () => {
    const { port, population } = await play({ behaviour: "silent" });
    const sockets = await expectSockets(port, 12, ({ state }) => state === "ESTAB");
    for (const address of population.addresses) {
      assert.equal(sockets.filter(({ peer }) => addressOf(peer) === address).length, 3, address);
    }
    assert.deepEqual(await population.count(), { opened: 12, failed: 0, open: 12, lost: 0 });
  });

  const states: readonly [Behaviour, (socket: SocketLine) => boolean, ("echo" | "leak")?][] = [
    ["silent", ({ state, text }) => state === "ESTAB" && !text.includes("bytes_received")],
    ["talk-once", ({ state, text }) => state === "ESTAB" && text.includes("bytes_received:6 ")],
    ["close-wait", ({ state, text }) => state === "CLOSE-WAIT" && /ino:[1-9]/.test(text), "leak"],
    ["fin-wait2", ({ state }) => state === "FIN-WAIT-2"],
    ["time-wait", ({ state }) => state === "TIME-WAIT"],
    ["zero-window", ({ sendQueue, text }) => sendQueue > 0 && text.includes("timer:(persist")],
  ];
  for (const [behaviour, expected, mode] of states) {
    test(`of ${behaviour} clients puts the victim's sockets into that state`, async () => {
      const { port } = await play({ behaviour }, mode);
      await expectSockets(port, 12, expected);
    });
  }

  test("of pinging clients sends CRLFCRLF again and again, and nothing else", async () => {
    const { port } = await play({ behaviour: "pings", intervalMs: 100 });
    const received = ({ text }: SocketLine) => Number(/bytes_received:(\d+)/.exec(text)?.[1] ?? 0);
    const sockets = await expectSockets(port, 12, (socket) => received(socket) >= 12);
    for (const socket of sockets) assert.equal(received(socket) % 4, 0);
  });

  test("of active clients exchanges bytes both ways all the time", async () => {
    const { port } = await play({ behaviour: "active", intervalMs: 100, text: "number {n}\n" });
    const acked = ({ text }: SocketLine) => Number(/bytes_acked:(\d+)/.exec(text)?.[1] ?? 0);
    const [before] = await expectSockets(port, 12, (socket) => acked(socket) > 0);
    await expectSockets(port, 12, (socket) => acked(socket) > acked(before!) + 20);
  });

  test("of half-open clients leaves sockets in SYN-RECV, from addresses that never answer", async () => {
    const server = await lab.echo({ port: nextPort++, address: lab.victimAddress4 });
    const flood = await lab.hold({
      behaviour: "half-open",
      count: 100,
      sources: { family: 4, addresses: 50 },
      target: to(server.port),
    });
    assert.equal(flood.opened, 100);
    const sockets = await expectSockets(server.port, 100, ({ state }) => state === "SYN-RECV");
    assert.equal(new Set(sockets.map(({ peer }) => addressOf(peer))).size, 50);
  });

  test("of churning clients opens and closes at its rate and leaves nothing open", async () => {
    const before = performance.now();
    const { port, population } = await play({ behaviour: "churn", count: 200, rampPerSecond: 400 });
    const seconds = (performance.now() - before) / 1000;
    assert.equal(population.opened, 200);
    assert.ok(seconds > 0.45, `200 at 400 a second took ${seconds} s`);
    await expectSockets(port, 0, () => true);
    assert.equal(population.failed, 0);
  });

  test("comes over IPv6, each source in a /48 of its own or all in one /64", async () => {
    const server = await lab.echo({ port: nextPort++, address: lab.victimAddress6, v6only: true });
    const target = { address: lab.victimAddress6, port: server.port };
    for (const spread of ["near", "far"] as const) {
      const sources = { family: 6, addresses: 5, spread } as const;
      await lab.hold({ behaviour: "silent", count: 5, sources, target });
    }
    const sockets = await expectSockets(server.port, 10, ({ state }) => state === "ESTAB");
    const networks = sockets.map(({ peer }) => peer.split("::")[0]);
    assert.equal(new Set(networks).size, 6);
  });

  test("over IPv4 reaches a dual-stack listener as v4-mapped", async () => {
    const { port } = await play({ behaviour: "silent", count: 1 });
    const [socket] = await expectSockets(port, 1, ({ state }) => state === "ESTAB");
    assert.match(socket!.text, /\[::ffff:10\./);
  });

  test("stays in the accept queue of a frozen server, and is accepted when it thaws", async () => {
    const server = await lab.echo({ port: nextPort++, backlog: 100 });
    await server.freeze();
    await lab.hold({
      behaviour: "silent",
      count: 50,
      sources: { family: 4, addresses: 1 },
      target: to(server.port),
    });
    const accepted = ({ text }: SocketLine) => /ino:[1-9]/.test(text);
    await expectSockets(server.port, 50, (socket) => !accepted(socket));
    const listener = await lab.victim.read(["ss", "-ltnH", "sport", "=", `:${server.port}`]);
    assert.match(listener, /^LISTEN\s+50\s+100\s/);
    server.thaw();
    await expectSockets(server.port, 50, accepted);
  });

  test("that vanishes leaves the victim resending into silence: no FIN, no reset, no answer", async () => {
    for (const family of [4, 6] as const) {
      const server = await lab.echo({ port: nextPort++ });
      const target = { address: family === 4 ? lab.victimAddress4 : lab.victimAddress6, port: server.port };
      await server.freeze();
      const gone = await lab.hold({
        behaviour: "talk-once",
        text: "SEND 20\n",
        count: 5,
        sources: { family, addresses: 5, spread: "far" },
        target,
      });
      const stays = await lab.hold({
        behaviour: "silent",
        count: 5,
        sources: { family, addresses: 5, spread: "far" },
        target,
      });
      await gone.vanish();
      server.thaw();
      const isGone = ({ peer }: SocketLine) => gone.addresses.includes(addressOf(peer));
      const resends = ({ sendQueue, text }: SocketLine) =>
        sendQueue === 20 && /timer:\(on,.*,[2-9]\)/.test(text);
      await expectSockets(
        server.port,
        10,
        (socket) => socket.state === "ESTAB" && isGone(socket) === resends(socket),
      );
      assert.deepEqual(await gone.count(), { opened: 5, failed: 0, open: 0, lost: 0 });
      assert.deepEqual(await stays.count(), { opened: 5, failed: 0, open: 5, lost: 0 });
    }
  });

  test("notices when the victim cuts connections", async () => {
    const { port, population } = await play({ behaviour: "silent" });
    await expectSockets(port, 12, ({ state }) => state === "ESTAB");
    const [first] = population.addresses;
    await lab.victim.read(["ss", "-K", "dst", first!, "sport", "=", `:${port}`]);
    const lost = async () => (await population.count()).lost === 3;
    await until(lost, { what: "three connections to be noticed as lost", timeoutMs: 3000 });
    assert.equal((await population.count()).open, 9);
  });

  test("reports connections that did not get in as failed", async () => {
    const population = await lab.hold({
      behaviour: "silent",
      count: 5,
      sources: { family: 4, addresses: 1 },
      target: to(1),
    });
    assert.deepEqual(await population.count(), { opened: 0, failed: 5, open: 0, lost: 0 });
  });

  test("opens at its ramp, in the background if begun and not held, and ends by stop()", async () => {
    const server = await lab.echo({ port: nextPort++ });
    const population = await lab.begin({
      behaviour: "silent",
      count: 100_000,
      rampPerSecond: 100,
      sources: { family: 4, addresses: 1 },
      target: to(server.port),
    });
    const some = async () => (await socketsOf(server.port)).length > 10;
    await until(some, { what: "the first connections", timeoutMs: 3000 });
    await population.stop();
    await assert.rejects(() => population.settled, /ended \(SIGKILL\)/);
    await expectSockets(server.port, 0, () => true);
  });

  test("may come from the addresses of another one", async () => {
    const { port, population } = await play({ behaviour: "active", count: 4 });
    const { addresses } = population;
    await lab.hold({ behaviour: "silent", count: 4, sources: addresses, target: to(port) });
    const sockets = await expectSockets(port, 8, ({ state }) => state === "ESTAB");
    assert.deepEqual(new Set(sockets.map(({ peer }) => addressOf(peer))), new Set(addresses));
  });
});
