// `who` against `ss`, count by count, in a namespace with a known population of 12 000 connections: IPv4, IPv6 and
// v4-mapped, every conduct, and outbound connections from listeners' ports.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type Lab, labUnavailable, openLab } from "../../lab/index.ts";
import { CONDUCTS, type Conduct } from "../../src/model/index.ts";
import { parseWho, sockwarden, type Who } from "./sockwarden.ts";
import { conductBySs, type SsSocket, sourceBySs, ssSockets } from "./ss.ts";

/** All three times of the scans; all connections are clearly older or younger. */
const TIMES_MS = 10_000;
const TIMES = ["--silent-for", "10s", "--stalled-for", "10s", "--idle-after", "10s"];
const OLD_ENOUGH_MS = 13_000;

const PORT = { dual: 5060, ipv4: 5070, leak: 5080, frozen: 5090, spare: 5100, later: 5110 };
/** The port of the lab's sink for outbound connections, by which the judge knows them. */
const SINK_PORT = 4000;

type Counts = Record<Conduct, number>;

const noCounts = (): Counts => Object.fromEntries(CONDUCTS.map((conduct) => [conduct, 0])) as Counts;

function countBy(sockets: readonly SsSocket[], key: (socket: SsSocket) => string): Map<string, Counts> {
  const counts = new Map<string, Counts>();
  for (const socket of sockets) {
    const of = counts.get(key(socket)) ?? noCounts();
    of[conductBySs(socket, TIMES_MS)] += 1;
    counts.set(key(socket), of);
  }
  return counts;
}

const isInbound = ({ peerPort }: SsSocket): boolean => peerPort !== SINK_PORT;

describe("who against ss", { skip: labUnavailable() ?? false }, () => {
  let lab: Lab;
  let who: Who;
  let ss: SsSocket[];

  before(async () => {
    lab = await openLab();
    const { victimAddress4: v4, victimAddress6: v6 } = lab;
    // Outbound connections come first, since the kernel gives nobody a port that is listened on.
    await lab.dialOut({ count: 20, localPort: PORT.later });
    await lab.dialOut({ count: 20, localPort: PORT.spare });
    await lab.dialOut({ count: 20, localAddress: v6 });
    await lab.echo({ port: PORT.dual, backlog: 4096 });
    await lab.echo({ port: PORT.ipv4, address: "0.0.0.0", backlog: 4096 });
    await lab.echo({ port: PORT.leak, mode: "leak", backlog: 4096 });
    await lab.echo({ port: PORT.spare, address: lab.spareAddress4 });
    await lab.echo({ port: PORT.later, address: "0.0.0.0" });
    const frozen = await lab.echo({ port: PORT.frozen, backlog: 1024 });
    await frozen.freeze();
    const many = { family: 4, addresses: 64 } as const;
    const many6 = { family: 6, addresses: 64 } as const;
    const dual4 = { address: v4, port: PORT.dual };
    const dual6 = { address: v6, port: PORT.dual };
    const ipv4 = { address: v4, port: PORT.ipv4 };
    const leak4 = { address: v4, port: PORT.leak };
    const leak6 = { address: v6, port: PORT.leak };
    await lab.hold({ behaviour: "silent", count: 684, sources: { family: 4, addresses: 1 }, target: dual4 });
    await lab.hold({ behaviour: "silent", count: 3000, sources: many, target: dual4 });
    await lab.hold({ behaviour: "silent", count: 2000, sources: many6, target: dual6 });
    await lab.hold({ behaviour: "talk-once", count: 1500, sources: many, target: ipv4 });
    await lab.hold({ behaviour: "talk-once", count: 500, sources: many6, target: dual6 });
    await lab.hold({ behaviour: "active", count: 1000, sources: many, target: dual4, intervalMs: 1000 });
    await lab.hold({ behaviour: "pings", count: 500, sources: many6, target: dual6, intervalMs: 1000 });
    const unread = await lab.hold({ behaviour: "zero-window", count: 100, sources: many, target: dual4 });
    await lab.hold({ behaviour: "close-wait", count: 600, sources: many6, target: leak6 });
    await lab.hold({ behaviour: "close-wait", count: 400, sources: many, target: leak4 });
    await lab.hold({ behaviour: "fin-wait2", count: 200, sources: many, target: dual4 });
    await lab.hold({ behaviour: "time-wait", count: 200, sources: many6, target: dual6 });
    await lab.hold({
      behaviour: "silent",
      count: 500,
      sources: many,
      target: { address: v4, port: PORT.frozen },
    });
    await lab.hold({
      behaviour: "silent",
      count: 30,
      sources: many,
      target: { address: lab.spareAddress4, port: PORT.spare },
    });
    await lab.hold({
      behaviour: "silent",
      count: 40,
      sources: many,
      target: { address: v4, port: PORT.later },
    });
    await sleep(OLD_ENOUGH_MS);
    assert.equal((await unread.count()).open, 100);
    await lab.hold({
      behaviour: "half-open",
      count: 200,
      sources: { family: 4, addresses: 200 },
      target: ipv4,
    });
    await lab.hold({ behaviour: "silent", count: 700, sources: many, target: dual4 });
    await lab.hold({ behaviour: "silent", count: 600, sources: many6, target: dual6 });
    who = parseWho(await sockwarden(lab.victim, ["who", "--json", ...TIMES]));
    ss = (await ssSockets(lab.victim, "all")).filter(({ state }) => state !== "LISTEN");
  });

  after(() => lab?.close());

  test("there are 12 000 connections and every conduct occurs", () => {
    const all = [...countBy(ss.filter(isInbound), () => "all").values()][0]!;
    assert.ok(ss.length >= 12_000, `${ss.length} sockets`);
    for (const conduct of CONDUCTS) assert.ok(all[conduct] > 0, `${conduct}: ${all[conduct]}`);
  });

  test("every listener's conduct agrees with ss, count by count", () => {
    const expected = countBy(ss.filter(isInbound), ({ localPort }) => String(localPort));
    for (const { name, endpoints, conduct } of who.listeners) {
      const port = String(endpoints[0]!.port);
      assert.deepEqual({ name, ...conduct }, { name, ...(expected.get(port) ?? noCounts()) });
      expected.delete(port);
    }
    assert.deepEqual([...expected], [], "no port is left over");
  });

  test("every source's conduct agrees with ss, count by count", () => {
    const expected = countBy(ss.filter(isInbound), sourceBySs);
    assert.ok(who.sources.length > 500, `${who.sources.length} sources`);
    for (const { source, conduct } of who.sources) {
      assert.deepEqual({ source, ...conduct }, { source, ...expected.get(source) });
      expected.delete(source);
    }
    assert.deepEqual([...expected], [], "no source is left over");
  });

  test("a source's connections to each listener add up to its connections", () => {
    for (const { connections, listeners } of who.sources) {
      assert.equal(
        Object.values(listeners).reduce((sum, n) => sum + n, 0),
        connections,
      );
    }
  });

  test("the address of the account, 684 silent connections, comes first among the silent", () => {
    const [first] = [...who.sources].sort((a, b) => b.conduct.silent - a.conduct.silent);
    const expected = [...countBy(ss.filter(isInbound), sourceBySs)].sort(
      (a, b) => b[1].silent - a[1].silent,
    )[0]!;
    assert.equal(first!.source, expected[0]);
    assert.ok(first!.conduct.silent >= 684);
  });

  test("outbound connections are no listener's, although they use listeners' ports and addresses", () => {
    const outbound = ss.filter((socket) => !isInbound(socket));
    assert.ok(
      outbound.filter(({ localPort }) => localPort === PORT.later).length >= 20,
      "on a listener's own port",
    );
    assert.equal(who.outbound, outbound.length);
    assert.equal(who.sockets, ss.length);
  });

  test("accept queues agree with ss", async () => {
    const listening = await ssSockets(lab.victim, "listening");
    const ours = who.listeners.flatMap(({ endpoints }) =>
      endpoints.map(({ port, backlog }) => [port, backlog.used, backlog.limit]),
    );
    const theirs = listening.map(({ localPort, receiveQueue, sendQueue }) => [
      localPort,
      receiveQueue,
      sendQueue,
    ]);
    const byPort = (a: readonly number[], b: readonly number[]): number => a[0]! - b[0]!;
    assert.deepEqual(ours.sort(byPort), theirs.sort(byPort));
    assert.equal(ours.find(([port]) => port === PORT.frozen)![1], 500, "the frozen server's queue");
  });

  test("descriptors and their limit agree with /proc", async () => {
    for (const { processes } of who.listeners) {
      assert.equal(processes.length, 1);
      const [{ pid, fdUsed, fdLimit }] = processes as [Who["listeners"][0]["processes"][0]];
      const { stdout: listed } = await lab.victim.run(["ls", `/proc/${pid}/fd`]);
      const { stdout: limits } = await lab.victim.run(["cat", `/proc/${pid}/limits`]);
      assert.equal(fdUsed, listed.trim().split("\n").length);
      assert.equal(fdLimit, Number(/^Max open files\s+(\d+)/m.exec(limits)![1]));
    }
  });

  test("the kernel's own port filter gives the same counts as scanning everything", async () => {
    const port = PORT.leak;
    const filtered = parseWho(
      await sockwarden(lab.victim, ["who", "--json", "--port", String(port), ...TIMES]),
    );
    const whole = who.listeners.find(({ endpoints }) => endpoints[0]!.port === port)!;
    assert.equal(filtered.listeners.length, 1);
    assert.deepEqual(filtered.listeners[0]!.conduct, whole.conduct);
    assert.equal(filtered.sockets, 1000);
  });

  test("--netns scans another namespace from outside it", async (t) => {
    if (process.getuid?.() !== 0) return t.skip("entering a namespace takes root");
    const outside = parseWho(
      await sockwarden(null, ["who", "--json", "--netns", String(lab.victim.pid), ...TIMES]),
    );
    assert.deepEqual(
      outside.listeners.map(({ name, connections }) => [name, connections]),
      who.listeners.map(({ name, connections }) => [name, connections]),
    );
  });

  test("--by process counts what ss -p attributes to each process", async () => {
    const grouped = parseWho(await sockwarden(lab.victim, ["who", "--json", "--by", "process"]));
    const { stdout } = await lab.victim.run(["ss", "-tnpHO", "state", "established", "state", "close-wait"]);
    const ports = new Set(Object.values(PORT));
    const expected = new Map<number, number>();
    for (const line of stdout.split("\n")) {
      const pid = Number(/pid=(\d+)/.exec(line)?.[1]);
      const peerPort = Number(/:(\d+)\s+users/.exec(line)?.[1]);
      const localPort = Number(/:(\d+)\s/.exec(line)?.[1]);
      if (pid > 0 && ports.has(localPort) && peerPort !== SINK_PORT)
        expected.set(pid, (expected.get(pid) ?? 0) + 1);
    }
    const ours = (grouped.groups ?? []).filter(({ pid }) => pid !== null);
    assert.deepEqual(new Map(ours.map(({ pid, connections }) => [pid, connections])), expected);
  });
});
