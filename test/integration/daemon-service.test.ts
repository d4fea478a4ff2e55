// The daemon's words to the service manager (sd_notify(3)) and to monitoring: over a real datagram socket, and as
// Prometheus and /healthz read them.

import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { findProgram, type Started, until } from "../../lab/index.ts";
import { ask } from "../../src/api/testing/talk.ts";
import { DaemonLab, DaemonPlace, isBanned, ruleset, skipReason } from "./daemon-kit.ts";

const SOON = { timeoutMs: 10_000 };

/** Node lacks datagram sockets of this kind. Prints each datagram as one flushed line, its lines joined by blanks. */
const RECEIVER = `
import socket, sys, time
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print("bound", flush=True)
while True:
    text = s.recv(4096).decode().replace("\\n", " ")
    print(round(time.monotonic() * 1e6), text, flush=True)
`;

interface Told {
  /** CLOCK_MONOTONIC in microseconds. */
  readonly at: number;
  readonly text: string;
}

function toldBy(receiver: Started): Told[] {
  return receiver
    .output()
    .stdout.split("\n")
    .slice(1)
    .filter((line) => line !== "")
    .map((line) => ({ at: Number(line.split(" ", 1)[0]), text: line.slice(line.indexOf(" ") + 1) }));
}

/** nft as it is, unless a file tells it to hang: its caller then waits, as with a kernel that does not answer. */
const SLOW_NFT = (nft: string, flag: string) => `#!/bin/sh
while [ -e ${flag} ]; do sleep 0.1; done
exec ${nft} "$@"
`;

describe("the service manager", {
  skip: skipReason() || (findProgram("python3") === null && "no python3"),
}, () => {
  let at: DaemonLab;
  let receiver: Started;
  const said = (words: RegExp): Told | undefined => toldBy(receiver).find(({ text }) => words.test(text));
  const says = (words: RegExp): Promise<void> =>
    until(() => said(words) !== undefined, {
      what: `${words} in ${JSON.stringify(toldBy(receiver))}`,
      ...SOON,
    });

  before(async () => {
    at = await DaemonLab.open();
  });
  after(() => at?.[Symbol.asyncDispose]());

  test("hears READY, RELOADING with its time, READY again and STOPPING, and WATCHDOG at half the period", async () => {
    const { lab, place } = at;
    const socket = path.join(place.folder, "notify");
    receiver = await lab.client.start(["python3", "-c", RECEIVER, socket]);
    await until(() => existsSync(socket), { what: "the receiver", ...SOON });
    await place.start({ args: ["--enforce"], env: { NOTIFY_SOCKET: socket, WATCHDOG_USEC: "600000" } });
    await says(/^READY=1 STATUS=guarding$/);
    const dogs = (): Told[] => toldBy(receiver).filter(({ text }) => text === "WATCHDOG=1");
    await until(() => dogs().length >= 6, { what: "the watchdog to be fed", ...SOON });
    const gaps = dogs()
      .slice(1)
      .map(({ at: now }, i) => now - dogs()[i]!.at);
    gaps.sort((a, b) => a - b);
    const median = gaps[gaps.length >> 1]!;
    assert.ok(median > 200_000 && median < 500_000, `${gaps} us`);
    const count = toldBy(receiver).length;
    place.signal("SIGHUP");
    await says(/^RELOADING=1 MONOTONIC_USEC=\d+$/);
    const { at: heard, text } = said(/^RELOADING/)!;
    const sent = Number(/USEC=(\d+)/.exec(text)![1]);
    assert.ok(sent <= heard && heard - sent < 5_000_000, `sent ${sent}, heard ${heard}`);
    await until(
      () =>
        toldBy(receiver)
          .slice(count)
          .some((one) => /^READY=1/.test(one.text)),
      {
        what: "READY after the reload",
        ...SOON,
      },
    );
    assert.equal(await place.end(), 0);
    await says(/^STOPPING=1$/);
    await receiver.stop();
  });

  test("hears no WATCHDOG while the guard hangs, and again once it does not", async () => {
    const { lab, place } = at;
    const [socket, flag, bin] = ["notify2", "hang", "bin"].map((name) => path.join(place.folder, name)) as [
      string,
      string,
      string,
    ];
    mkdirSync(bin);
    writeFileSync(path.join(bin, "nft"), SLOW_NFT(findProgram("nft")!, flag));
    chmodSync(path.join(bin, "nft"), 0o755);
    receiver = await lab.client.start(["python3", "-c", RECEIVER, socket]);
    await until(() => existsSync(socket), { what: "the receiver", ...SOON });
    const env = { NOTIFY_SOCKET: socket, WATCHDOG_USEC: "400000", PATH: `${bin}:${process.env["PATH"]}` };
    await place.start({ args: ["--enforce"], env });
    await says(/^WATCHDOG=1$/);
    writeFileSync(flag, "");
    // The guard sets its rules up again, and waits for nft. One word may be on its way.
    await lab.victim.read(["nft", "flush", "ruleset"]);
    const quiet = async (): Promise<boolean> => {
      const before = toldBy(receiver).length;
      const end = performance.now() + 1500;
      await until(() => performance.now() > end, { what: "a while", timeoutMs: 3000 });
      return toldBy(receiver).length === before;
    };
    await until(quiet, { what: "the watchdog to fall silent", timeoutMs: 6000 });
    assert.ok(
      (await place.client.read("status")).listeners.length > 0,
      "the main thread answers all the same",
    );
    const before = toldBy(receiver).length;
    rmSync(flag);
    await until(() => toldBy(receiver).length > before, { what: "the watchdog to be fed again", ...SOON });
    assert.equal(await place.end(), 0);
    await receiver.stop();
  });

  test("that does not listen is no reason to stop", async () => {
    const { place } = at;
    await place.start({ env: { NOTIFY_SOCKET: path.join(place.folder, "nobody"), WATCHDOG_USEC: "200000" } });
    await place.says(/warning +the service manager could not be told/);
    assert.equal((await place.client.read("status")).mode, "observe");
    assert.equal(await place.end(), 0);
  });
});

describe("monitoring", { skip: skipReason() }, () => {
  let at: DaemonLab;

  before(async () => {
    at = await DaemonLab.open();
    await at.place.start({ args: ["--enforce"] });
  });
  after(() => at?.[Symbol.asyncDispose]());

  test("reads metrics with the documented names, and no address in any label", async () => {
    const { lab, place } = at;
    const source = at.address();
    await at.hoard(40, source);
    await until(() => isBanned(lab, source), { what: "the ban", ...SOON });
    const value = async (name: string): Promise<number> => {
      const line = (await place.client.metrics()).split("\n").find((one) => one.startsWith(`${name} `));
      return Number(line?.split(" ").at(-1));
    };
    await until(async () => (await value('sockwarden_bans{kind="ban"}')) === 1, {
      what: "the ban's gauge",
      ...SOON,
    });
    const text = await place.client.metrics();
    for (const name of [
      'sockwarden_connections{listener="sip",conduct="silent"}',
      'sockwarden_top_source_connections{listener="sip",rank="1"}',
      'sockwarden_slots{listener="sip"}',
      'sockwarden_pressure{listener="sip",pressure="calm"}',
      'sockwarden_bans_total{kind="ban",rule="unproven-per-source"}',
      'sockwarden_scans{netns=""}',
    ])
      assert.ok(text.includes(`${name} `), `${name}\n${text}`);
    await until(
      async () => (await value('sockwarden_top_source_connections{listener="sip",rank="1"}')) === 0,
      {
        what: "the rank of who is gone to go",
        ...SOON,
      },
    );
    assert.doesNotMatch(text, /="[^"]*(\d+\.\d+\.\d+\.\d+|::)[^"]*"/);
    for (const line of text.split("\n"))
      assert.match(line, /^$|^# (HELP|TYPE) sockwarden_|^sockwarden_[a-z_]+[{ ]/);
    const alive = await ask({ socketPath: place.socket }, "GET", "/healthz");
    assert.deepEqual([alive.status, JSON.parse(alive.text)], [200, { schema: 1, ok: true }]);
  });

  test("finds findings, bans and evictions in the ledger's file afterwards", async () => {
    const { place } = at;
    assert.equal(await place.end(), 0);
    const { DatabaseSync } = await import("node:sqlite");
    using database = new DatabaseSync(path.join(place.stateDir, "ledger.db"), { readOnly: true });
    const count = (table: string): number =>
      Number(database.prepare(`SELECT count(*) AS n FROM ${table}`).get()!["n"]);
    for (const table of ["bans", "evictions", "findings"]) assert.ok(count(table) > 0, table);
  });
});

describe("a full disk", { skip: skipReason() }, () => {
  test("is a health item and does not end the guarding, and is over when there is room", async () => {
    await using at = await DaemonLab.open();
    const { lab, place } = at;
    mkdirSync(place.stateDir);
    const small = new URL("../../lab/small-disk.ts", import.meta.url).pathname;
    const own = ["unshare", "--mount", "--propagation", "private", "--"];
    await place.start({
      args: ["--enforce"],
      wrapper: [...own, process.execPath, small, place.stateDir, "2m"],
    });
    const ballast = `/proc/${place.pid}/root${place.stateDir}/ballast`;
    await lab.victim.run(["dd", "if=/dev/zero", `of=${ballast}`, "bs=4k"]);
    const ledgerItem = async (): Promise<string | null> =>
      (await place.client.read("status")).health.find(({ code }) => code === "ledger")?.text ?? null;
    // Fills the disk until the write-ahead log finds no more room.
    for (let i = 0; i < 250 && (await ledgerItem()) === null; i++)
      await place.client.ban({ sources: Array.from({ length: 200 }, (_, n) => `100.64.${i}.${n}`) });
    assert.match((await ledgerItem())!, /the disk is full .*guarding goes on, .*free space there/);
    const source = at.address();
    await at.hoard(40, source);
    await until(() => isBanned(lab, source), { what: "the ban", ...SOON });
    await lab.victim.read(["rm", ballast]);
    await until(async () => (await ledgerItem()) === null, {
      what: "the health item to go",
      timeoutMs: 20_000,
    });
    await place.says(/health +ledger: well again/);
    assert.equal(await place.end(), 0);
    assert.equal(await ruleset(lab), "");
  });
});

describe("two network namespaces", { skip: skipReason() }, () => {
  test("are guarded by one daemon, each with its own rules, and keep their bans apart", async () => {
    await using at = await DaemonLab.open();
    await using other = await DaemonLab.open();
    const listener = (name: string, { lab }: DaemonLab) => ({
      name,
      ports: [5060],
      netns: String(lab.victim.pid),
      profile: "sip",
      limits: { unprovenPerSource: 10, speakWithin: "300ms" },
    });
    await using place = new DaemonPlace(at.lab);
    const configuration = { mode: "enforce", listeners: [listener("one", at), listener("two", other)] };
    await place.start({ configuration });
    assert.match(await ruleset(at.lab), /on_one/);
    assert.doesNotMatch(await ruleset(at.lab), /on_two/);
    assert.match(await ruleset(other.lab), /on_two/);
    // The same address in both worlds is not the same source.
    const source = at.address();
    await at.hoard(40, source);
    await until(() => isBanned(at.lab, source), { what: "the ban", ...SOON });
    assert.equal(await isBanned(other.lab, source), false);
    await place.client.ban({ sources: ["192.0.2.1"], listener: "two" });
    await place.client.ban({ sources: ["192.0.2.2"] });
    const has = (lab: DaemonLab, name: string): Promise<boolean> => isBanned(lab.lab, name);
    assert.deepEqual([await has(at, "192.0.2.1"), await has(other, "192.0.2.1")], [false, true]);
    assert.deepEqual([await has(at, "192.0.2.2"), await has(other, "192.0.2.2")], [true, true]);
    const { health, listeners } = await place.client.read("status");
    assert.deepEqual(health, []);
    assert.deepEqual(listeners.map(({ name }) => name).sort(), ["one", "two"]);
    const names = (await place.client.read("bans")).bans.map(
      ({ source: name, listener: of }) => `${name} ${of}`,
    );
    assert.deepEqual(names.sort(), [`${source} one`, "192.0.2.1 two", "192.0.2.2 null"].sort());
    assert.equal(await place.end("SIGKILL"), "SIGKILL");
    await place.start({ configuration });
    assert.deepEqual([await has(at, "192.0.2.1"), await has(other, "192.0.2.1")], [false, true]);
    assert.deepEqual((await place.client.read("status")).health, []);
    assert.equal((await place.client.unban({ sources: "all" })).done.length, 3);
    assert.equal(await place.end(), 0);
    assert.deepEqual([await ruleset(at.lab), await ruleset(other.lab)], ["", ""]);
  });
});
