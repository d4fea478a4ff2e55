// The tracker in a namespace with real servers. The conduct of clients becomes the right proof, counts agree with a
// scan that remembers nothing, the kernel destroys exactly what select() names, and no limit is passed unseen.

import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { connect, createServer } from "node:tls";
import {
  findProgram,
  type HoldOptions,
  type Lab,
  labUnavailable,
  MQTT_CONNECT,
  MQTT_PING,
  MQTT_PUBLISH,
  OPTIONS,
  openLab,
  REGISTER,
  until,
} from "../../lab/index.ts";
import { CensusTaker } from "../../src/census/census-taker.ts";
import { EVERYTHING } from "../../src/census/index.ts";
import {
  enterNamespace,
  HOST_ROOT,
  NetlinkProtocol,
  openNetlinkSocket,
  SockDestroyer,
  socketId,
} from "../../src/linux/index.ts";
import {
  DEFAULT_SOURCE_PREFIXES,
  formatAddress,
  holdingCount,
  PROOF_COUNT,
  PROOFS,
  type Proof,
  parseNetwork,
  SOURCE_WORDS,
} from "../../src/model/index.ts";
import {
  decideScan,
  defaultPolicy,
  type LastScan,
  opensUntilScarce,
  proofCounts,
  TRIGGERS_EVERY_MS,
  type TrackedCensus,
  Tracker,
  TriggerReader,
} from "../../src/track/index.ts";
import { inPath, makeCertificates } from "./sip-certificates.ts";

const PORT = {
  echo: 6000,
  sip: 5060,
  mqtt: 1883,
  attacked: 6100,
  destroyed: 6200,
  workers: 6300,
  frozen: 6400,
};
const EACH = 10;

const noKamailio = findProgram("kamailio") === null ? "kamailio is not installed" : false;

/** The connections of each proof that one address has at one scan, without zeros. */
function proofsOf(census: TrackedCensus, address: string): Partial<Record<Proof, number>> {
  const { rows } = census;
  const counts = new Uint32Array(PROOF_COUNT);
  for (let row = 0; row < rows.length; row++) {
    const source = rows.source.slice(SOURCE_WORDS * row, SOURCE_WORDS * (row + 1));
    if (formatAddress(new Uint8Array(source.buffer)) !== address) continue;
    for (let i = 0; i < PROOF_COUNT; i++) counts[i]! += rows.counts[PROOF_COUNT * row + i]!;
  }
  return Object.fromEntries(Object.entries(proofCounts(counts, 0)).filter(([, n]) => n > 0));
}

function skipReason(): string | false {
  return (
    labUnavailable() ?? (process.getuid?.() === 0 ? false : "only root may enter the namespace of a lab")
  );
}

/** One client of a TLS server that answers everything with as much, both in this process and so in the victim's namespace. */
async function openTlsPhone(maxVersion: "TLSv1.2" | "TLSv1.3") {
  const folder = mkdtempSync(path.join(tmpdir(), "sockwarden-tls-"));
  const { cert, key } = makeCertificates(folder).make("server", "IP:127.0.0.1", 1);
  const options = { cert: readFileSync(cert), key: readFileSync(key), maxVersion };
  rmSync(folder, { recursive: true });
  const server = createServer(options, (socket) => socket.on("error", () => {}).pipe(socket));
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const socket = connect({ port, host: "127.0.0.1", rejectUnauthorized: false });
  await once(socket, "secureConnect");
  return {
    port,
    /** Says it and waits for the answer. */
    say: async (text: string): Promise<void> => {
      socket.write(text);
      for (let got = 0; got < text.length; ) got += ((await once(socket, "data"))[0] as Buffer).length;
    },
    [Symbol.asyncDispose]: async (): Promise<void> => {
      socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe("the tracker", { skip: skipReason() }, () => {
  let lab: Lab;
  let tracker: Tracker;
  const scan = (): TrackedCensus => tracker.scan(null, DEFAULT_SOURCE_PREFIXES, Date.now());
  /** Seen by a new tracker: its search for owners has not begun to rest. */
  const listenerAnew = (name: string) => {
    using newcomer = new Tracker();
    const { listeners } = newcomer.scan(null, DEFAULT_SOURCE_PREFIXES, Date.now());
    return listeners.find((found) => found.name.endsWith(name))!;
  };

  /** Scans until all connections of an address have one proof, since messages are on their way for a while. */
  const becomes = async (address: string, proof: Proof, what: string): Promise<void> => {
    let seen: unknown;
    const reached = () => {
      const proofs = proofsOf(scan(), address);
      seen = proofs;
      return proofs[proof] === EACH && Object.keys(proofs).length === 1;
    };
    await until(reached, { what: `${what} to be ${proof}`, timeoutMs: 8000 }).catch((error: unknown) => {
      throw new Error(`${what} is ${JSON.stringify(seen)} instead of ${proof}`, { cause: error });
    });
  };

  const play = async (options: Omit<HoldOptions, "count">): Promise<string> => {
    const { addresses } = await lab.hold({ ...options, count: EACH, sources: { family: 4, addresses: 1 } });
    return addresses[0]!;
  };

  before(async () => {
    lab = await openLab();
    // The lab's own programs are started by its keeper, which stays in its namespace.
    enterNamespace(HOST_ROOT, String(lab.victim.pid));
    await lab.echo({ port: [PORT.echo, PORT.attacked, PORT.destroyed], backlog: 4096 });
    tracker = new Tracker();
    scan();
  });

  after(async () => {
    tracker?.[Symbol.dispose]();
    await lab?.close();
  });

  test("a generic server's clients are told by their words", async () => {
    const target = { address: lab.victimAddress4, port: PORT.echo };
    const silent = await play({ behaviour: "silent", target });
    const once = await play({ behaviour: "talk-once", target });
    const active = await play({ behaviour: "active", target, intervalMs: 300 });
    await becomes(silent, "fresh", "a silent client");
    await becomes(once, "once", "a client that spoke once");
    await becomes(active, "proven", "a client that talks");
    assert.deepEqual(proofsOf(scan(), silent), { fresh: EACH });
    assert.deepEqual(proofsOf(scan(), once), { once: EACH }, "scanning again proves nothing");
  });

  test("Kamailio's clients are told by their words", {
    skip: findProgram("kamailio") ? false : "no kamailio",
  }, async () => {
    await lab.kamailio();
    scan();
    const target = { address: lab.victimAddress4, port: PORT.sip };
    const once = await play({ behaviour: "talk-once", target, text: OPTIONS });
    const pings = await play({ behaviour: "pings", target, intervalMs: 300 });
    const registered = await play({ behaviour: "registered", target, text: REGISTER, intervalMs: 300 });
    const active = await play({ behaviour: "active", target, text: REGISTER, intervalMs: 300 });
    await becomes(registered, "kept", "a registered phone");
    await becomes(active, "proven", "a phone that registers again");
    await becomes(once, "once", "one OPTIONS, then nothing");
    await becomes(pings, "pings", "CRLFCRLF alone");
    const { owner, slots, used } = listenerAnew(":5060");
    assert.equal(used, 4 * EACH);
    assert.ok(owner!.fdUsed! > used);
    assert.ok(
      slots! <= owner!.fdLimit! - 32 && slots! > owner!.fdLimit! / 2,
      `${slots} of ${owner!.fdLimit}`,
    );
  });

  test("mosquitto's clients are told by their words", {
    skip: findProgram("mosquitto") ? false : "no mosquitto",
  }, async () => {
    await lab.mosquitto();
    scan();
    const target = { address: lab.victimAddress4, port: PORT.mqtt };
    const text = MQTT_CONNECT;
    const once = await play({ behaviour: "talk-once", target, text });
    const pings = await play({ behaviour: "registered", target, text, again: MQTT_PING, intervalMs: 300 });
    const publish = await play({
      behaviour: "registered",
      target,
      text,
      again: MQTT_PUBLISH,
      intervalMs: 300,
    });
    await becomes(pings, "kept", "CONNECT and pings");
    await becomes(publish, "proven", "CONNECT and PUBLISH at QoS 0");
    await becomes(once, "once", "CONNECT alone");
  });

  const noOpenssl = inPath("openssl") ? false : "openssl is not installed";
  for (const maxVersion of ["TLSv1.2", "TLSv1.3"] as const) {
    test(`a ${maxVersion} client is told by its words after the handshake`, {
      skip: noOpenssl,
    }, async () => {
      await using phone = await openTlsPhone(maxVersion);
      const { port } = phone;
      const policy = {
        ...defaultPolicy({ name: "phones", port: 5061 }),
        selector: { ports: [port], process: null, address: null, netns: null },
        tlsPorts: [port],
      };
      const proof = () => {
        const { rows } = tracker.scan([policy], DEFAULT_SOURCE_PREFIXES, Date.now());
        return PROOFS.filter((_, i) => rows.counts[i]! > 0).join();
      };
      const is = (expected: Proof, what: string) =>
        until(() => proof() === expected, { what: `${what} to be ${expected}`, timeoutMs: 5000 });
      const handshaken = () => proof() === "pings" && tracker.table.dataSegmentsReceived[0] === 2;
      await until(handshaken, { what: "its handshake to be seen", timeoutMs: 5000 });
      for (let i = 0; i < 3; i++) await phone.say("\r\n\r\n");
      assert.equal(proof(), "pings", "keep-alives add nothing");
      await phone.say(REGISTER);
      // The next message acknowledges the answer at once.
      await phone.say("\r\n\r\n");
      await is("kept", "a request and keep-alives");
      await phone.say(REGISTER);
      await is("proven", "a second request");
    });
  }

  test("a policy finds its listener by its program's name", { skip: noKamailio }, () => {
    const asked = { ...defaultPolicy({ name: "phones", port: PORT.sip }) };
    const policy = { ...asked, selector: { ...asked.selector, ports: null, process: "kamailio" } };
    using newcomer = new Tracker();
    const { listeners } = newcomer.scan([policy], DEFAULT_SOURCE_PREFIXES, Date.now());
    assert.deepEqual(
      listeners.map(({ name, endpoints, used }) => [name, endpoints.map(({ port }) => port), used]),
      [["phones", [PORT.sip, PORT.sip], 4 * EACH]],
    );
  });

  test("workers that accept for themselves have slots together", async () => {
    await lab.echo({ port: PORT.workers, processes: 3, descriptors: 512, backlog: 1024 });
    const target = { address: lab.victimAddress4, port: PORT.workers };
    const sources = { family: 4, addresses: 60 } as const;
    await lab.hold({ behaviour: "silent", count: 300, sources, target });
    const accepted = () => scan().listeners.every(({ conduct }) => conduct.queued === 0);
    await until(accepted, { what: "all connections to be accepted", timeoutMs: 5000 });
    const { processes, owner, slots, used } = listenerAnew(`:${PORT.workers}`);
    assert.deepEqual([processes.length, used], [3, 300]);
    assert.ok(owner!.fdUsed! < used, "none holds them all");
    assert.ok(slots! > 512 && slots! <= 3 * (512 - 32), `${slots} slots`);
  });

  test("counts agree with a scan that remembers nothing", async () => {
    const target = { address: lab.victimAddress4, port: PORT.echo };
    await lab.hold({ behaviour: "silent", count: 300, sources: { family: 4, addresses: 30 }, target });
    await lab.hold({ behaviour: "close-wait", count: 20, sources: { family: 4, addresses: 2 }, target });
    using taker = new CensusTaker();
    using newcomer = new Tracker();
    const watch = () => newcomer.scan(null, DEFAULT_SOURCE_PREFIXES, Date.now());
    const conducts = (listeners: readonly { name: string; conduct: object }[]) =>
      listeners.map(({ name, conduct }) => [name, conduct]);
    const agree = () => {
      const [before, watched, then] = [taker.scan(EVERYTHING, 0), watch(), taker.scan(EVERYTHING, 0)];
      // Connections that change their conduct between the scans are no disagreement.
      if (JSON.stringify(conducts(before.listeners)) !== JSON.stringify(conducts(then.listeners)))
        return false;
      assert.deepEqual(conducts(watched.listeners), conducts(before.listeners));
      const counted = watched.rows.counts.reduce((sum, n) => sum + n, 0);
      assert.equal(
        counted,
        watched.listeners.reduce((sum, { conduct }) => sum + holdingCount(conduct), 0),
      );
      return true;
    };
    await until(agree, { what: "two scans with the same conducts", timeoutMs: 5000 });
  });

  test("the kernel destroys what select() names, and nothing else", async () => {
    const target = { address: lab.victimAddress4, port: PORT.destroyed };
    const silent = await lab.hold({
      behaviour: "silent",
      count: 50,
      sources: { family: 4, addresses: 1 },
      target,
    });
    const talker = await lab.hold({ behaviour: "talk-once", count: 20, sources: silent.addresses, target });
    const source = parseNetwork(silent.addresses[0]!)!;
    const said = () => proofsOf(scan(), silent.addresses[0]!).once === 20;
    await until(said, { what: "twenty to have spoken", timeoutMs: 5000 });
    const rows = tracker.select({
      source,
      listener: null,
      proofs: ["silent", "mute", "fresh"],
      max: 45,
      rule: "overdue",
    });
    assert.equal(rows.length, 45);
    using socket = openNetlinkSocket(NetlinkProtocol.SOCK_DIAG);
    const ids = Array.from(rows, (row) => socketId(tracker.table, row));
    assert.deepEqual(new SockDestroyer(socket).destroy(ids), { destroyed: 45, gone: 0 });
    const lost = async () => (await silent.count()).lost;
    const isLost = async () => (await lost()) === 45;
    await until(isLost, { what: "45 clients to notice", timeoutMs: 5000 });
    assert.equal((await talker.count()).lost, 0);
    assert.deepEqual(tracker.connectionsOf(source).length, 1);
    scan();
    const [held] = tracker.connectionsOf(source);
    assert.equal(held!.proofs.once, 20);
    assert.equal(held!.proofs.fresh + held!.proofs.mute, 5);
  });

  test("the cheap triggers agree with the kernel", async () => {
    using triggers = new TriggerReader();
    const server = await lab.echo({ port: PORT.frozen, backlog: 256 });
    const opens = triggers.readOpens()!;
    const target = { address: lab.victimAddress4, port: PORT.frozen };
    await lab.hold({ behaviour: "silent", count: 30, sources: { family: 4, addresses: 3 }, target });
    // A client is connected a moment before the server is.
    const counted = () => triggers.readOpens()! - opens === 30 && triggers.readQueue([PORT.frozen]) === 0;
    await until(counted, { what: "thirty handshakes to be counted and accepted", timeoutMs: 5000 });
    const descriptors = () =>
      triggers.readDescriptors(server.pid) === readdirSync(`/proc/${server.pid}/fd`).length;
    await until(descriptors, { what: "as many descriptors as are listed", timeoutMs: 5000 });
    await server.freeze();
    await lab.hold({ behaviour: "silent", count: 20, sources: { family: 4, addresses: 3 }, target });
    const queued = () => triggers.readQueue([PORT.frozen]) === 20;
    await until(queued, { what: "twenty to wait in the accept queue", timeoutMs: 5000 });
    assert.equal(triggers.readQueue([PORT.echo]), 0);
    assert.equal(triggers.readQueue([]), 0);
    server.thaw();
  });

  // Goal: no source is above its limit for longer than a tick and a rest. Way: one source opens 400 connections a
  // second, and the schedule is asked every 20 ms. A scan that finds the source above the limit may find no more than
  // the kernel's own counter says was opened lately.
  test("no limit is passed unseen", async () => {
    const limit = 20;
    const settings = { everyMs: 5000, cpuBudget: 0.05 };
    using triggers = new TriggerReader();
    const policy = scan().listeners.find(({ name }) => name.endsWith(`:${PORT.attacked}`))!.policy;
    const attack = await lab.begin({
      behaviour: "silent",
      count: 200,
      rampPerSecond: 400,
      sources: { family: 4, addresses: 2 },
      target: { address: lab.victimAddress4, port: PORT.attacked },
    });
    const readings: { atMs: number; opens: number }[] = [];
    let last: LastScan | null = null;
    let found: { overshoot: number; opened: number } | null = null;
    const deadline = performance.now() + 10_000;
    while (found === null && performance.now() < deadline) {
      const [nowMs, opens] = [performance.now(), triggers.readOpens()!];
      readings.push({ atMs: nowMs, opens });
      if (decideScan(last, { nowMs, opens, exhausted: false }, settings).scan) {
        const census = tracker.scan([policy], DEFAULT_SOURCE_PREFIXES, Date.now());
        const held = Array.from({ length: census.rows.length }, (_, row) =>
          census.rows.counts
            .subarray(PROOF_COUNT * row, PROOF_COUNT * (row + 1))
            .reduce((sum, n) => sum + n, 0),
        );
        const most = Math.max(0, ...held);
        const restMs = last === null ? 0 : last.scanMs / settings.cpuBudget;
        const since =
          readings.findLast(({ atMs }) => atMs <= nowMs - restMs - TRIGGERS_EVERY_MS) ?? readings[0]!;
        if (most > limit) found = { overshoot: most - limit, opened: triggers.readOpens()! - since.opens };
        last = {
          beganMs: nowMs,
          scanMs: census.scanMs,
          opens,
          opensLeft: limit + 1 - most,
          opensUntilScarce: opensUntilScarce(census),
          dueMs: Number.POSITIVE_INFINITY,
          pressure: "calm",
          exhausted: false,
        };
      }
      await sleep(TRIGGERS_EVERY_MS);
    }
    await attack.stop();
    assert.ok(found !== null, "a scan has found the source above its limit");
    assert.ok(found.overshoot <= found.opened, JSON.stringify(found));
  });
});
