// Outbound connections of the victim that have a listener's local port: they are not the listener's connections.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type Lab, labUnavailable, openLab } from "./index.ts";
import { readSockets } from "./testing/sockets.ts";

describe("dialOut()", { skip: labUnavailable() ?? false }, () => {
  let lab: Lab;
  before(async () => {
    lab = await openLab();
  });
  after(() => lab.close());

  test("opens connections from ports that the kernel chooses", async () => {
    const dialled = await lab.dialOut({ count: 10 });
    assert.equal(dialled.opened, 10);
    const sockets = await readSockets(lab.victim, ["dport", "=", ":4000"]);
    assert.equal(sockets.filter(({ state }) => state === "ESTAB").length, 10);
  });

  test("shares a listener's port from another address of the victim", async () => {
    await lab.echo({ port: 5060, address: lab.victimAddress4 });
    const dialled = await lab.dialOut({ count: 3, localPort: 5060, localAddress: lab.spareAddress4 });
    assert.equal(dialled.opened, 3);
    const sockets = await readSockets(lab.victim, ["sport", "=", ":5060"]);
    assert.deepEqual(
      sockets.map(({ state, local }) => `${state} ${local}`),
      Array(3).fill(`ESTAB ${lab.spareAddress4}:5060`),
    );
  });

  test("shares address and port with a listener that starts later", async () => {
    const dialled = await lab.dialOut({ count: 3, localPort: 5070 });
    assert.equal(dialled.opened, 3);
    await lab.echo({ port: 5070 });
    const listeners = await lab.victim.read(["ss", "-ltnH", "sport", "=", ":5070"]);
    assert.match(listeners, /LISTEN/);
    assert.equal((await readSockets(lab.victim, ["sport", "=", ":5070"])).length, 3);
  });

  test("works over IPv6", async () => {
    const dialled = await lab.dialOut({ count: 2, localPort: 5080, localAddress: lab.spareAddress6 });
    assert.equal(dialled.opened, 2);
  });
});
