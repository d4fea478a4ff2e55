// A program for tests of a lab's end: opens one with a frozen server and a population, writes what it sees to stdout as
// JSON, and stays until it is killed.

import { openLab } from "../index.ts";

const lab = await openLab();
const server = await lab.echo({ port: 5060, processes: 2 });
const population = await lab.hold({
  behaviour: "silent",
  count: 100,
  sources: { family: 4, addresses: 10 },
  target: { address: lab.victimAddress4, port: server.port },
});
await lab.victim.start(["sleep", "1000"]);
const established = await lab.victim.read(["ss", "-tnH", "state", "established"]);
await server.freeze();
const seen = established.trim().split("\n").length;
process.stdout.write(
  `${JSON.stringify({ victim: lab.victim.pid, server: server.pid, opened: population.opened, seen })}\n`,
);
