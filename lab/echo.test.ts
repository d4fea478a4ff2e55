import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { type Lab, labUnavailable, openLab, until } from "./index.ts";
import { readSockets } from "./testing/sockets.ts";

describe("an echo server", { skip: labUnavailable() ?? false }, () => {
  let lab: Lab;
  before(async () => {
    lab = await openLab();
  });
  after(() => lab.close());

  test("shares its ports between several processes, and all of them accept", async () => {
    const server = await lab.echo({ port: [5060, 5061], processes: 2 });
    const target = server.ports.map((port) => ({ address: lab.victimAddress4, port }));
    await lab.hold({ behaviour: "talk-once", count: 200, sources: { family: 4, addresses: 10 }, target });
    const owners = await lab.victim.read(["ss", "-tnpH", "state", "established"]);
    for (const pid of server.pids) assert.ok(owners.includes(`pid=${pid},`), `${pid} holds none`);
    for (const port of server.ports) {
      assert.equal((await readSockets(lab.victim, ["sport", "=", `:${port}`])).length, 100);
    }
  });

  test("has the descriptor limit that it was given", async () => {
    const server = await lab.echo({ port: 5070, descriptors: 300 });
    assert.match(readFileSync(`/proc/${server.pid}/limits`, "latin1"), /^Max open files +300 +300 /m);
  });

  test("says in its own words why it cannot listen", async () => {
    await lab.echo({ port: 5080 });
    await assert.rejects(
      () => lab.echo({ port: 5080 }),
      /echo-worker: ended \(exit code 1\)\n.*EADDRINUSE.*:::5080/,
    );
  });

  test("gives its connections back when it stops", async () => {
    const server = await lab.echo({ port: 5090 });
    const target = { address: lab.victimAddress4, port: 5090 };
    const sources = { family: 4, addresses: 1 } as const;
    const population = await lab.hold({ behaviour: "silent", count: 10, sources, target });
    await server.stop();
    const lost = async () => (await population.count()).lost === 10;
    await until(lost, { what: "ten connections to be noticed as lost", timeoutMs: 3000 });
    assert.equal((await population.count()).open, 0);
  });
});
