// From start to end: the kernel's state by nft after SIGTERM, SIGINT, kill -9 and a restart; the daemons that may not
// start, and the words they get.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { after, afterEach, before, describe, test } from "node:test";
import { until } from "../../lab/index.ts";
import { DaemonLab, DaemonPlace, isBanned, ruleset, skipReason } from "./daemon-kit.ts";
import { BIN } from "./sockwarden.ts";

const ENFORCE = { args: ["--enforce"] } as const;

/** Seconds that nft says an element has left. */
function secondsLeft(listing: string, address: string): number {
  const found = new RegExp(
    `${address.replaceAll(".", "\\.")} [^,}]*expires (?:(\\d+)h)?(?:(\\d+)m)?(?:(\\d+)s)?`,
  ).exec(listing);
  if (found === null) return 0;
  const [, h = 0, m = 0, s = 0] = found;
  return 3600 * Number(h) + 60 * Number(m) + Number(s);
}

describe("a daemon's life", { skip: skipReason() }, () => {
  let at: DaemonLab;

  before(async () => {
    at = await DaemonLab.open();
  });
  after(() => at?.[Symbol.asyncDispose]());
  afterEach(async () => {
    await at.lab.victim.run(["nft", "flush", "ruleset"]);
  });

  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    test(`${signal} leaves no table within a second, although somebody reads the stream, and exit code 0`, async () => {
      const { lab, place } = at;
      await place.start(ENFORCE);
      await place.client.ban({ sources: ["192.0.2.1"] });
      assert.ok(await isBanned(lab, "192.0.2.1"));
      const stream = place.client.follow();
      const ended = stream.next().then(
        () => null,
        (error: unknown) => error,
      );
      place.signal(signal);
      const startedAt = performance.now();
      await until(async () => (await ruleset(lab)) === "", { what: "the table to go", timeoutMs: 5000 });
      assert.ok(performance.now() - startedAt < 1000, `${performance.now() - startedAt} ms`);
      assert.equal(await place.exit(), 0);
      assert.notEqual(await ended, null);
    });
  }

  test("onStop: keep leaves the bans to their timeouts, and the next start takes them over as they are", async () => {
    const { lab, place } = at;
    const configuration = { enforce: { onStop: "keep" } };
    await place.start({ ...ENFORCE, configuration });
    await place.client.ban({ sources: ["192.0.2.1"], for: "1h" });
    assert.equal(await place.end(), 0);
    assert.ok(await isBanned(lab, "192.0.2.1"));
    await place.start({ ...ENFORCE, configuration });
    assert.ok(await isBanned(lab, "192.0.2.1"));
    const left = secondsLeft(await ruleset(lab), "192.0.2.1");
    assert.ok(left > 3500 && left <= 3600, `${left} s`);
    await place.client.unban({ sources: "all" });
    assert.equal(await isBanned(lab, "192.0.2.1"), false);
    assert.equal(await place.end(), 0);
  });

  test("after kill -9 and after a stop the next start holds the ledger's bans, with the time that is left", async () => {
    const { lab, place } = at;
    await place.start(ENFORCE);
    await place.client.ban({ sources: ["192.0.2.1"], for: "1h" });
    await place.client.ban({ sources: ["192.0.2.2"], for: "10m", listener: "sip" });
    await place.client.ban({ sources: ["192.0.2.3"] });
    await place.client.unban({ sources: ["192.0.2.3"] });
    assert.equal(await place.end("SIGKILL"), "SIGKILL");
    await lab.victim.read(["nft", "flush", "ruleset"]);
    for (let i = 0; i < 2; i++) {
      // Ready means that the kernel has been told, so the test need not wait.
      await place.start(ENFORCE);
      const listing = await ruleset(lab);
      const hour = secondsLeft(listing, "192.0.2.1");
      const minutes = secondsLeft(listing, "192.0.2.2");
      assert.ok(hour > 3500 && hour <= 3600, `${hour} s\n${listing}`);
      assert.ok(minutes > 500 && minutes <= 600, `${minutes} s\n${listing}`);
      assert.equal(secondsLeft(listing, "192.0.2.3"), 0);
      await place.says(/2 earlier bans are in force again/);
      assert.equal(await place.end(), 0);
    }
  });

  test("a second one on the same socket, or on the same state, is refused in one line and touches nothing", async () => {
    const { lab, place } = at;
    await place.start(ENFORCE);
    await place.client.ban({ sources: ["192.0.2.9"] });
    const before = await ruleset(lab);
    await using other = new DaemonPlace(lab);
    const sameSocket = await other.startInVain({ ...ENFORCE, configuration: { socket: place.socket } });
    assert.equal(sameSocket.code, 1);
    assert.match(
      sameSocket.stderr,
      /^sockwarden: another daemon answers on .*; stop it, or give this one another socket and state folder\n$/,
    );
    const sameState = await other.startInVain({ ...ENFORCE, configuration: { stateDir: place.stateDir } });
    assert.equal(sameState.code, 1);
    assert.match(
      sameState.stderr,
      /^sockwarden: open the ledger: .*ledger\.db is in use by process \d+; stop it, or set another stateDir\n$/,
    );
    assert.equal(counterless(await ruleset(lab)), counterless(before));
    assert.equal((await place.client.read("status")).bans, (await place.client.read("bans")).bans.length);
    await place.client.unban({ sources: "all" });
    assert.equal(await place.end(), 0);
  });

  test("a start that is cut short leaves nothing behind and exits 0", async () => {
    const { lab, place } = at;
    const started = await place.launch(ENFORCE);
    // The handlers stand by then. Earlier, the signal's own effect is to end a program that has done nothing.
    await until(async () => (await ruleset(lab)) !== "", { what: "the table", timeoutMs: 15_000 });
    assert.equal(await place.end(), 0);
    assert.equal(await ruleset(lab), "", started.output().stderr);
  });

  test("the guarding goes on when the log's reader has gone", async () => {
    const { lab, place } = at;
    place.configure();
    const enter = [`--net=/proc/${lab.victim.pid}/ns/net`, process.execPath, BIN, "run", "-c", place.file];
    const child = spawn("nsenter", [...enter, "--enforce"], { stdio: ["ignore", "pipe", "inherit"] });
    try {
      await once(child.stdout, "data");
      child.stdout.destroy();
      await until(async () => (await place.client.read("status").catch(() => null))?.listeners.length === 1, {
        what: "the daemon to answer",
        timeoutMs: 15_000,
      });
      // Each of these writes to the log.
      for (let i = 1; i <= 3; i++) await place.client.ban({ sources: [`192.0.2.${i}`] });
      assert.ok(await isBanned(lab, "192.0.2.3"));
      await place.client.unban({ sources: "all" });
      assert.equal(child.exitCode, null);
    } finally {
      child.kill("SIGTERM");
      await once(child, "exit");
    }
    assert.deepEqual([child.exitCode, child.signalCode], [0, null]);
    assert.equal(await ruleset(lab), "");
  });
});

function counterless(listing: string): string {
  return listing.replaceAll(/expires \w+|packets \d+ bytes \d+/g, "");
}
