// Goal: clients whose packets are lost are called stalled when nothing has got through for `stalledFor`, never sooner, however
// quiet they were before. Way: ten clients of a server that pushes, in a namespace of their own; nft drops what they send
// (and so their acknowledgements) for a while, and a tracker scans every 100 ms. The kernel's own clocks are read beside it:
// they show what the same scan would have been taken for by them.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { findProgram, type Lab, labUnavailable, openLab } from "../../lab/index.ts";
import { enterNamespace, HOST_ROOT } from "../../src/linux/index.ts";
import { DEFAULT_SOURCE_PREFIXES, type ListenerPolicy } from "../../src/model/index.ts";
import { defaultPolicy, proofCounts, Tracker } from "../../src/track/index.ts";

const CLIENTS = 10;
const STALLED_FOR_MS = 5000;
/** Longer than stalledFor, so that a clock that ran before counts as stalled at once. */
const QUIET_MS = STALLED_FOR_MS + 1000;
const SCAN_EVERY_MS = 100;

const skip =
  labUnavailable() ??
  (process.getuid?.() !== 0
    ? "only root may enter the namespace of a lab"
    : findProgram("nft") === null
      ? "no nft"
      : false);

interface Sample {
  /** Since the server wrote. */
  readonly atMs: number;
  /** Connections that the tracker calls stalled, by proof and by conduct. */
  readonly unanswered: number;
  readonly stalled: number;
  /** Connections that are sent to again, of which the last acknowledgement is older than stalledFor. */
  readonly oldByKernel: number;
}

describe("clients whose packets are lost after a long silence", { skip }, () => {
  let lab: Lab;
  let server: Server;
  let policy: ListenerPolicy;
  let port = 0;
  const accepted: Socket[] = [];
  const clients: Socket[] = [];
  const received = new Array<number>(CLIENTS).fill(0);

  const nft = (...command: readonly string[]): void => {
    execFileSync(findProgram("nft")!, [...command]);
  };
  const lose = (): void =>
    nft(
      `add table inet loss; add chain inet loss in { type filter hook input priority 0; }; ` +
        `add rule inet loss in tcp dport ${port} drop`,
    );
  const heal = (): void => nft("delete table inet loss");

  /** Writes to every client, and scans until `forMs` have passed or the clients have it all. */
  async function push(
    tracker: Tracker,
    forMs: number,
    at: ReadonlyMap<number, () => void>,
  ): Promise<Sample[]> {
    const samples: Sample[] = [];
    const startMs = performance.now();
    const due = [...at].sort(([a], [b]) => a - b);
    for (const socket of accepted) socket.write("news\n");
    while (performance.now() - startMs < forMs) {
      const atMs = performance.now() - startMs;
      while (due.length > 0 && due[0]![0] <= atMs) due.shift()![1]();
      const { rows, listeners } = tracker.scan([policy], DEFAULT_SOURCE_PREFIXES, Date.now());
      let unanswered = 0;
      for (let row = 0; row < rows.length; row++) unanswered += proofCounts(rows.counts, row).unanswered;
      const { table } = tracker;
      let oldByKernel = 0;
      for (let row = 0; row < table.length; row++) {
        const resent = table.localPort[row] === port && table.timer[row] === 1 && table.retrans[row]! > 0;
        if (resent && table.lastAckReceivedMs[row]! >= STALLED_FOR_MS) oldByKernel++;
      }
      samples.push({ atMs, unanswered, stalled: listeners[0]!.conduct.stalled, oldByKernel });
      await sleep(SCAN_EVERY_MS);
    }
    return samples;
  }

  before(async () => {
    lab = await openLab();
    enterNamespace(HOST_ROOT, String(lab.victim.pid));
    server = createServer((socket) => {
      accepted.push(socket);
      socket.on("error", () => {}).on("data", () => socket.write("welcome\n"));
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    ({ port } = server.address() as AddressInfo);
    const base = defaultPolicy({ name: "news", port });
    policy = { ...base, profile: { ...base.profile, stalledForMs: STALLED_FOR_MS } };
    for (let i = 0; i < CLIENTS; i++) {
      const client = connect(port, "127.0.0.1");
      client.on("error", () => {}).on("data", (data) => (received[i]! += data.length));
      await once(client, "connect");
      client.write("subscribe\n");
      await once(client, "data");
      clients.push(client);
    }
  });

  after(async () => {
    for (const socket of [...clients, ...accepted]) socket.destroy();
    server?.close();
    await lab?.close();
  });

  for (const lostForMs of [1000, 2500]) {
    test(`are never stalled while packets are lost for ${lostForMs} ms`, async () => {
      using tracker = new Tracker();
      tracker.scan([policy], DEFAULT_SOURCE_PREFIXES, Date.now());
      await sleep(QUIET_MS);
      const before = received[0]!;
      lose();
      const samples = await push(tracker, lostForMs + 3500, new Map([[lostForMs, heal]]));
      assert.deepEqual(
        samples.filter(({ unanswered, stalled }) => unanswered + stalled > 0),
        [],
      );
      const early = samples.filter(({ atMs, oldByKernel }) => atMs < lostForMs && oldByKernel === CLIENTS);
      assert.ok(early.length > 0, "the kernel's own clock calls them all stalled within the outage");
      assert.ok(received[0]! > before, "what was lost arrives in the end");
    });
  }

  test(`are stalled once packets were lost for ${STALLED_FOR_MS / 1000} s, and not a moment before`, async () => {
    using tracker = new Tracker();
    tracker.scan([policy], DEFAULT_SOURCE_PREFIXES, Date.now());
    await sleep(QUIET_MS);
    lose();
    const samples = await push(tracker, STALLED_FOR_MS + 3000, new Map());
    heal();
    const first = samples.find(({ unanswered }) => unanswered > 0);
    assert.ok(first !== undefined, "they are stalled in the end");
    assert.ok(first.atMs >= STALLED_FOR_MS, `after ${first.atMs} ms`);
    assert.equal(samples.at(-1)!.unanswered, CLIENTS);
    assert.equal(samples.at(-1)!.stalled, CLIENTS);
  });
});
