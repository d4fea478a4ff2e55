// The daemon lacks a configuration, rights, a folder or a program. It says in plain words what is missing, where people
// look, and does all the rest.

import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { until } from "../../lab/index.ts";
import { DaemonLab, DaemonPlace, held, isBanned, ruleset, skipReason } from "./daemon-kit.ts";
import { BIN, run } from "./sockwarden.ts";

const EMPTY_DISK = fileURLToPath(new URL("../../lab/small-disk.ts", import.meta.url));
const NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all", "--"];

describe("a daemon that cannot have all it needs", { skip: skipReason() }, () => {
  let at: DaemonLab;

  before(async () => {
    at = await DaemonLab.open();
  });
  after(() => at?.[Symbol.asyncDispose]());

  test("does not start with a wrong or unreadable configuration: exit 2, with file, line and column", async () => {
    await using place = new DaemonPlace(at.lab);
    place.write("mode: observe\nlisteners:\n  - name: sip\n    ports: [70000]\n");
    const wrong = await run([process.execPath, BIN, "run", "-c", place.file]);
    assert.deepEqual([wrong.code, wrong.stdout], [2, ""]);
    assert.match(
      wrong.stderr,
      /^sockwarden: \S+sockwarden\.yaml:4:13: listeners\[0\]\.ports\[0\]: .*\(accepted: .*\)\n$/,
    );
    const missing = await run([process.execPath, BIN, "run", "-c", "/nowhere.yaml", "--json"]);
    assert.deepEqual([missing.code, missing.stdout], [2, ""]);
    assert.match(missing.stderr, /^sockwarden: \/nowhere\.yaml:1:1: cannot be read: there is no such file/);
  });

  test("ends with one line and exit 1 where it cannot make its socket", async () => {
    await using place = new DaemonPlace(at.lab);
    writeFileSync(path.join(place.folder, "file"), "");
    const started = await place.startInVain({ configuration: { socket: path.join(place.folder, "file/s") } });
    assert.equal(started.code, 1);
    assert.match(
      started.stderr,
      /^sockwarden: cannot make the folder of the socket, .*; choose another with `socket:`, or make it for this user\n$/,
    );
    const taken = await place.startInVain({ configuration: { socket: path.join(place.folder, "file") } });
    assert.equal(taken.code, 1);
    assert.match(taken.stderr, /^sockwarden: \S+ exists and is no socket; .*\n$/);
  });

  test("guards without a state folder, says so in status and in the log, and what to do", async () => {
    const { lab } = at;
    await using place = new DaemonPlace(lab);
    writeFileSync(path.join(place.folder, "file"), "");
    await place.start({
      configuration: { stateDir: path.join(place.folder, "file/state") },
      args: ["--enforce"],
    });
    await place.says(/health +the ledger .* cannot be written: .*guarding goes on/);
    await place.client.ban({ sources: ["192.0.2.1"] });
    assert.ok(await isBanned(lab, "192.0.2.1"));
    const { health } = await place.client.read("status");
    assert.deepEqual(
      health.map(({ code }) => code),
      ["ledger"],
    );
    assert.equal(await place.end(), 0);
    assert.equal(await ruleset(lab), "");
  });

  test("ends with one line and exit 1 for a namespace that is not there", async () => {
    await using place = new DaemonPlace(at.lab);
    const started = await place.startInVain({ args: ["--netns", "sockwarden-nowhere"] });
    assert.equal(started.code, 1);
    assert.match(started.stderr, /^sockwarden: .*sockwarden-nowhere.*\n$/);
    assert.doesNotMatch(started.stderr, /\n +at /);
  });

  test("without rights says what is missing to enforce, and observes as nobody in the folders of that user", async (t) => {
    const { lab } = at;
    await using place = new DaemonPlace(lab);
    const home = mkdtempSync(path.join(tmpdir(), "sockwarden-nobody-"));
    t.after(() => rmSync(home, { recursive: true, force: true }));
    for (const name of ["config", "state", "run"]) {
      mkdirSync(path.join(home, name));
      chmodSync(path.join(home, name), 0o777);
    }
    chmodSync(home, 0o755);
    chmodSync(place.folder, 0o755);
    const env = {
      HOME: home,
      XDG_CONFIG_HOME: path.join(home, "config"),
      XDG_STATE_HOME: path.join(home, "state"),
      XDG_RUNTIME_DIR: path.join(home, "run"),
    };
    const configuration = { socket: undefined, stateDir: undefined };
    const enforcing = await place.startInVain({ configuration, env, wrapper: NOBODY, args: ["--enforce"] });
    assert.equal(enforcing.code, 1);
    assert.match(enforcing.stderr, /^sockwarden: .*CAP_NET_ADMIN.*\n$/);
    await place.start({ configuration, env, wrapper: NOBODY });
    const socket = path.join(home, "run/sockwarden/sockwarden.sock");
    await place.says(new RegExp(`it answers on ${socket}`));
    const source = at.address();
    await at.hoard(40, source);
    await place.says(new RegExp(`would ban ${source}`));
    assert.equal(await held(lab, source), 40);
    assert.equal(await place.end(), 0);
  });

  test("without nft evicts all the same, says what to install, and bans once it is there", async (t) => {
    const { lab } = at;
    await using place = new DaemonPlace(lab);
    // This daemon sees an empty disk in nft's folder.
    const nft = (await run(["which", "nft"], { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" })).stdout.trim();
    const folder = path.dirname(nft);
    if (folder.endsWith("/bin"))
      return t.skip("nft lies where everything else is, and cannot be hidden alone");
    const hide = [
      "unshare",
      "--mount",
      "--propagation",
      "private",
      "--",
      process.execPath,
      EMPTY_DISK,
      folder,
      "64k",
    ];
    await place.start({ args: ["--enforce"], wrapper: hide });
    await place.says(/health +.*there is no nft on this host: install the package nftables/);
    const source = at.address();
    const hoard = at.hoard(40, source);
    await until(async () => (await hoard).opened >= 40 && (await held(lab, source)) === 0, {
      what: "the eviction",
      timeoutMs: 10_000,
    });
    assert.equal(await ruleset(lab), "");
    const refusedBan = await place.verb("ban", "192.0.2.1");
    assert.equal(refusedBan.code, 1);
    assert.match(refusedBan.stderr, /there is no nft on this host: install the package nftables/);
    const lines = place
      .log()
      .split("\n")
      .filter((line) => line.includes("there is no nft"));
    assert.ok(lines.length <= 3, `told ${lines.length} times:\n${place.log()}`);
    await run(["nsenter", `--mount=/proc/${place.pid}/ns/mnt`, "--", "umount", folder]);
    await until(() => isBanned(lab, source), { what: "the ban", timeoutMs: 5000 });
    await until(async () => (await place.client.read("status")).health.length === 0, {
      what: "the health items to go",
      timeoutMs: 5000,
    });
    assert.equal(await place.end(), 0);
  });
});
