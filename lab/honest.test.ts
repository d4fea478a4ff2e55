import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { findProgram, type Lab, labUnavailable, openLab, until } from "./index.ts";
import { readSockets } from "./testing/sockets.ts";

describe("honest clients", { skip: labUnavailable() ?? false }, () => {
  let lab: Lab;
  before(async () => {
    lab = await openLab();
  });
  after(() => lab.close());

  async function play(port: number) {
    const server = await lab.echo({ port });
    const target = { address: lab.victimAddress4, port };
    const options = { target, held: 20, callEveryMs: 20, heldEveryMs: 50, timeoutMs: 300 };
    return { server, clients: await lab.honest(options) };
  }

  test("hold connections, call, and are answered", async () => {
    const { clients } = await play(5060);
    await until(async () => (await clients.report()).answered >= 20, {
      what: "20 calls to be answered",
      timeoutMs: 5000,
    });
    const report = await clients.report();
    assert.equal(report.failed, 0);
    assert.deepEqual([report.heldOpen, report.heldCut, report.heldUnanswered], [20, 0, 0]);
    const { p50, p95, max } = report.latencyMs;
    assert.ok(p50 > 0 && p50 <= p95 && p95 <= max, JSON.stringify(report.latencyMs));
    const sockets = await readSockets(lab.victim, ["sport", "=", ":5060"]);
    assert.ok(sockets.length >= 20);
    await clients.stop();
  });

  test("notice when a held connection is cut", async () => {
    const { clients } = await play(5061);
    const [first, second] = clients.addresses;
    for (const address of [first!, second!]) {
      await lab.victim.read(["ss", "-K", "dst", address, "sport", "=", ":5061"]);
    }
    const cut = async () => (await clients.report()).heldCut === 2;
    await until(cut, { what: "two cuts to be noticed", timeoutMs: 3000 });
    await clients.stop();
  });

  test("notice when nobody answers", async () => {
    const { server, clients } = await play(5062);
    await server.freeze();
    const unanswered = async () => {
      const { heldUnanswered, failed } = await clients.report();
      return heldUnanswered === 20 && failed > 0;
    };
    await until(unanswered, { what: "all 20 to wait in vain", timeoutMs: 3000 });
    assert.equal((await clients.report()).heldCut, 0);
    await clients.stop();
  });

  test("come back when the server does, after every cut", async () => {
    const server = await lab.echo({ port: 5063 });
    const target = { address: lab.victimAddress4, port: 5063 };
    const clients = await lab.honest({ target, held: 20, callEveryMs: 0, reconnectWithinMs: 100 });
    await server.stop();
    await until(async () => (await clients.report()).heldCut === 20, { what: "20 cuts", timeoutMs: 3000 });
    await lab.echo({ port: 5063 });
    const back = async () => (await clients.report()).heldOpen === 20;
    await until(back, { what: "all to be back", timeoutMs: 5000 });
    assert.equal((await clients.report()).heldCut, 20);
    await clients.stop();
  });

  test("vanish without a word: the server's sockets stay", async () => {
    await lab.echo({ port: 5064 });
    const target = { address: lab.victimAddress4, port: 5064 };
    const clients = await lab.honest({ target, held: 20, callEveryMs: 0, heldEveryMs: 10_000 });
    await clients.vanish();
    const left = await readSockets(lab.victim, ["sport", "=", ":5064"]);
    assert.deepEqual(
      left.map(({ state }) => state),
      new Array(20).fill("ESTAB"),
    );
  });

  test("call again where they are turned away, until their time is up", async () => {
    const server = await lab.echo({ port: 5065, descriptors: 64 });
    const target = { address: lab.victimAddress4, port: 5065 };
    const hold = { behaviour: "silent", count: 100, sources: { family: 4, addresses: 1 }, target } as const;
    const hoard = await lab.hold(hold);
    const patient = { timeoutMs: 5000, callRetryMs: 50, callEveryMs: 100 };
    const clients = await lab.honest({ target, held: 0, ...patient });
    const settings = { what: "calls under way", timeoutMs: 3000 };
    await until(async () => (await clients.report()).calls >= 5, settings);
    assert.equal((await clients.report()).answered, 0);
    await hoard.stop();
    await until(async () => (await clients.report()).answered >= 5, {
      what: "late answers",
      timeoutMs: 5000,
    });
    assert.equal((await clients.report()).failed, 0);
    await clients.stop();
    await server.stop();
  });

  for (const digest of [false, true]) {
    const skip = findProgram("kamailio") === null ? "kamailio is not installed" : false;
    test(`are phones of a Kamailio ${digest ? "with" : "without"} digest`, { skip }, async () => {
      const port = digest ? 5070 : 5071;
      const server = await lab.kamailio({ port, digest });
      const target = { address: lab.victimAddress4, port };
      const clients = await lab.honest({
        ...{ target, protocol: "sip", held: 50, callEveryMs: 20, heldEveryMs: 100, renewEveryMs: 400 },
        sources: { family: 4, addresses: 1 },
        callSources: { family: 4, addresses: 10 },
      });
      assert.equal(clients.addresses.length, 1);
      const answered = async () => (await clients.report()).answered >= 40;
      await until(answered, { what: "40 calls to be answered", timeoutMs: 5000 });
      const { failed, heldOpen, heldCut, heldUnanswered } = await clients.report();
      assert.deepEqual([failed, heldOpen, heldCut, heldUnanswered], [0, 50, 0, 0]);
      await clients.stop();
      await server.stop();
    });
  }

  const noBroker = findProgram("mosquitto") === null ? "mosquitto is not installed" : false;
  test("are subscribers of a mosquitto", { skip: noBroker }, async () => {
    await lab.mosquitto();
    const target = { address: lab.victimAddress4, port: 1883 };
    const clients = await lab.honest({
      ...{ target, protocol: "mqtt", held: 50, callEveryMs: 20, heldEveryMs: 100 },
    });
    const answered = async () => (await clients.report()).answered >= 40;
    await until(answered, { what: "40 calls to be answered", timeoutMs: 5000 });
    const { failed, heldOpen, heldCut, heldUnanswered } = await clients.report();
    assert.deepEqual([failed, heldOpen, heldCut, heldUnanswered], [0, 50, 0, 0]);
    await clients.stop();
  });
});
