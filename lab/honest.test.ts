import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type Lab, labUnavailable, openLab, until } from "./index.ts";
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

  test("notice when nobody answers any more", async () => {
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
});
