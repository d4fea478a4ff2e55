// `tune` as people run it: on a made-up tree, and on the real settings of a lab's network namespace. This machine's own
// settings are never touched: every call has a root of its own, and calls on real settings are made in the namespace.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type Lab, labUnavailable, openLab } from "../../lab/index.ts";
import { machineBelow } from "../../src/linux/machine-root.ts";
import { readSysctlFiles } from "../../src/settings/sysctl-files.ts";
import { pictureOf } from "../../src/tune/testing/trees.ts";
import { BIN, run, sockwarden } from "./sockwarden.ts";

const folder = mkdtempSync(path.join(tmpdir(), "sockwarden-tune-"));
after(() => rmSync(folder, { recursive: true, force: true }));

function write(root: string, file: string, text: string): void {
  mkdirSync(path.dirname(root + file), { recursive: true });
  writeFileSync(root + file, text);
}

/** A server below a folder of its own: Kamailio at systemd's limits, and the account's worst line. */
function madeUpServer(name: string): string {
  const root = path.join(folder, name);
  const settings = {
    tcp_keepalive_time: "7200",
    tcp_keepalive_intvl: "75",
    tcp_keepalive_probes: "9",
    tcp_retries2: "5",
  };
  for (const [setting, value] of Object.entries(settings))
    write(root, `/proc/sys/net/ipv4/${setting}`, `${value}\n`);
  write(root, "/proc/sys/fs/file-max", "1024\n");
  write(root, "/proc/812/cgroup", "0::/system.slice/kamailio.service\n");
  write(root, "/proc/812/comm", "kamailio\n");
  write(
    root,
    "/proc/812/limits",
    "Max open files            1024                 524288               files\n",
  );
  write(root, "/etc/sysctl.conf", "fs.file-max = 1024\nnet.ipv4.tcp_retries2 = 5\n");
  mkdirSync(`${root}/etc/sysctl.d`);
  mkdirSync(`${root}/etc/systemd/system`, { recursive: true });
  mkdirSync(`${root}/var/lib/sockwarden`, { recursive: true });
  return root;
}

const tune = (root: string, ...args: string[]) => sockwarden(null, ["tune", ...args, "--root", root]);
const read = (root: string, file: string): string => readFileSync(root + file, "utf8");

test("tune plan --json is one document with the contract's fields, and changes nothing", async () => {
  const root = madeUpServer("plan");
  const { code, stdout } = await tune(
    root,
    "plan",
    "--json",
    "--service",
    "kamailio",
    "--connections",
    "100000",
  );
  assert.equal(code, 0);
  const document = JSON.parse(stdout);
  assert.equal(document.schema, 1);
  for (const change of document.changes) {
    assert.deepEqual(Object.keys(change), ["what", "live", "wanted", "why", "bites", "risk"]);
  }
  const limit = document.changes.find(
    ({ what }: { what: string }) => what === "LimitNOFILE of kamailio.service",
  );
  assert.deepEqual([limit.live, limit.wanted], ["1024:524288", "204096:524288"]);
  assert.ok(document.arithmetic.length > 3);
  assert.deepEqual(
    document.refused.map(({ what, where }: { what: string; where: string }) => `${what} ${where}`),
    ["fs.file-max /etc/sysctl.conf:1", "net.ipv4.tcp_retries2 /etc/sysctl.conf:2"],
  );
  assert.equal(document.overrides[0].where, "/etc/sysctl.conf:2");
  assert.ok(!existsSync(`${root}/etc/sysctl.d/90-sockwarden.conf`));
});

test("tune apply is a dry run; with --yes it changes, and rollback takes it back, each saying so", async () => {
  const root = madeUpServer("apply");
  const dry = await tune(root, "apply", "--service", "kamailio");
  assert.equal(dry.code, 0);
  assert.match(dry.stdout, /tcp_retries2 {2}5 -> 10[\s\S]*Nothing was changed: this was a dry run/);
  assert.equal(read(root, "/proc/sys/net/ipv4/tcp_retries2"), "5\n");

  const applied = await tune(root, "apply", "--service", "kamailio", "--yes");
  assert.equal(applied.code, 0, applied.stderr);
  assert.match(applied.stdout, /set {6}net\.ipv4\.tcp_retries2 {2}5 -> 10/);
  assert.match(applied.stdout, /systemctl daemon-reload\n {2}systemctl restart kamailio\.service/);
  assert.match(applied.stderr, /\/etc\/sysctl\.conf:2 says net\.ipv4\.tcp_retries2 = 5.*wins/);
  assert.equal(read(root, "/proc/sys/net/ipv4/tcp_retries2"), "10\n");
  assert.equal(read(root, "/proc/sys/fs/file-max"), "1024\n");
  assert.match(read(root, "/etc/sysctl.d/90-sockwarden.conf"), /^net\.ipv4\.tcp_keepalive_time = 600$/m);

  const again = await tune(root, "apply", "--service", "kamailio", "--yes");
  assert.match(again.stdout, /nothing to change/);
  assert.match(again.stdout, /until\s+`systemctl\s+daemon-reload`/);

  const back = await tune(root, "rollback", "--json");
  assert.equal(back.code, 0);
  assert.equal(JSON.parse(back.stdout).rolledBack, true);
  assert.equal(read(root, "/proc/sys/net/ipv4/tcp_retries2"), "5\n");
  assert.ok(!existsSync(`${root}/etc/sysctl.d/90-sockwarden.conf`));
  assert.ok(!existsSync(`${root}/etc/systemd/system/kamailio.service.d`));
  const nothing = await tune(root, "rollback");
  assert.equal(nothing.code, 0);
  assert.match(nothing.stdout, /Nothing to roll back/);
});

test("help of tune and of each of its verbs has examples, and exits 0", async () => {
  for (const verb of [[], ["plan"], ["apply"], ["rollback"]]) {
    const { code, stdout } = await sockwarden(null, ["tune", ...verb, "--help"]);
    assert.equal(code, 0);
    assert.match(stdout, /Examples:[\s\S]*sockwarden tune plan --connections 100000/);
  }
});

test("sysctl files are read in systemd's own order", (t) => {
  const root = path.join(folder, "order");
  for (const file of [
    "etc/sysctl.d/50-hides.conf",
    "usr/lib/sysctl.d/50-hides.conf",
    "usr/lib/sysctl.d/10-vendor.conf",
    "run/sysctl.d/95-run.conf",
    "usr/local/lib/sysctl.d/60-local.conf",
    "etc/sysctl.d/90-sockwarden.conf",
    "etc/sysctl.d/a.conf",
    "etc/sysctl.d/no-such-ending",
  ]) {
    write(root, `/${file}`, `net.ipv4.tcp_retries2 = ${file.length}\n`);
  }
  const argv = [`--root=${root}`, "--no-pager", "cat-config", "sysctl.d"];
  const { status, stdout } = spawnSync("systemd-analyze", argv, { encoding: "utf8" });
  if (status !== 0) return t.skip("no systemd-analyze here");
  const said = [...stdout.matchAll(/^# (\/.*\.conf)$/gm)].map((match) => match[1]!.slice(root.length));
  const ours = readSysctlFiles(machineBelow(root)).lines;
  assert.deepEqual(
    ours.map(({ file }) => file),
    said,
  );
});

for (const [args, code, words] of [
  [["plan", "--profile", "fast"], 2, /mobile, trunk, churn/],
  [["plan", "--connections", "many"], 2, /whole number/],
  [["plan", "--service", "../x"], 2, /no name of a service/],
  [["plan", "--service", "kamailo"], 1, /no unit kamailo\.service/],
  [["plan", "--netns", "no-such"], 1, /no network namespace named no-such/],
  [["rollback", "--yes"], 2, /unknown option/],
  [["status"], 2, /unknown command/],
] as const) {
  test(`"sockwarden tune ${args.join(" ")}" ends with ${code} and says what is wrong`, async () => {
    const ran = await tune(madeUpServer(`wrong-${args.join("-").replaceAll("/", "_")}`), ...args);
    assert.equal(ran.code, code);
    assert.equal(ran.stdout, "");
    assert.match(ran.stderr, words);
  });
}

test("without root apply is refused in one line, and nothing is changed", {
  skip: process.getuid?.() !== 0 && "needs root to become nobody",
}, async () => {
  const root = madeUpServer("nobody");
  chmodSync(folder, 0o755);
  const { code, stdout, stderr } = await run([
    "setpriv",
    "--reuid=65534",
    "--regid=65534",
    "--clear-groups",
    process.execPath,
    BIN,
    "tune",
    "apply",
    "--yes",
    "--root",
    root,
  ]);
  assert.equal(code, 1);
  assert.equal(stdout, "");
  assert.match(stderr, /^sockwarden: may not write .*; run as root\. Nothing was changed\n$/);
  assert.equal(read(root, "/proc/sys/net/ipv4/tcp_retries2"), "5\n");
});

test("apply killed at some moment of the program's life: rollback puts everything back", async (t) => {
  const root = madeUpServer("killed");
  const before = pictureOf(root);
  let found = 0;
  for (let round = 0; round < 6; round++) {
    const args = [BIN, "tune", "apply", "--yes", "--service", "kamailio", "--root", root];
    const child = spawn(process.execPath, args, { stdio: "ignore" });
    const ended = new Promise((resolve) => child.once("close", resolve));
    // Kills as soon as the record shows up, and a little later each time.
    const record = `${root}/var/lib/sockwarden/tune.json`;
    while (child.exitCode === null && !existsSync(record)) await sleep(1);
    await sleep(round);
    child.kill("SIGKILL");
    await ended;
    const { code, stdout, stderr } = await tune(root, "rollback", "--json");
    assert.equal(code, 0, stderr);
    if (JSON.parse(stdout).rolledBack) found++;
    assert.deepEqual(pictureOf(root), before);
  }
  t.diagnostic(`${found} of 6 killed with a record`);
  assert.ok(found > 0);
});

test("a full disk, a real one: a clear error each time, and the tree is as it was", (t) => {
  const mounted = mkdtempSync(path.join(folder, "full-"));
  const program = fileURLToPath(new URL("../../src/tune/testing/full-disk.ts", import.meta.url));
  const argv = ["--mount", "--propagation", "private", "--", process.execPath, program, mounted];
  const { status, stdout, stderr } = spawnSync("unshare", argv, { encoding: "utf8", timeout: 30_000 });
  if (status === 77 || /unshare/.test(stderr)) return t.skip("cannot mount a disk of its own here");
  assert.equal(status, 0, stderr);
  const rounds: { pages: number; error: string | null; same: boolean }[] = JSON.parse(stdout);
  const failed = rounds.filter(({ error }) => error !== null);
  t.diagnostic(`${failed.length} of ${rounds.length} amounts of free space were too little`);
  assert.ok(failed.length >= 3 && failed.length < rounds.length);
  for (const { pages, error, same } of rounds) {
    assert.ok(same, `${pages} pages free: ${error}`);
    if (error !== null)
      assert.match(error, /the disk is full \(ENOSPC\); (nothing was changed|everything was put back)/);
  }
});

/** The settings that `apply` may change in a namespace, read from its own kernel. */
const WATCHED = [
  "tcp_keepalive_time",
  "tcp_keepalive_intvl",
  "tcp_retries2",
  "tcp_synack_retries",
  "tcp_mtu_probing",
  "tcp_rmem",
  "tcp_wmem",
  "ip_local_port_range",
  "ip_local_reserved_ports",
].map((name) => `/proc/sys/net/ipv4/${name}`);

describe("tune on the real settings of a network namespace", { skip: labUnavailable() ?? false }, () => {
  let lab: Lab;
  before(async () => {
    lab = await openLab();
    await lab.echo({ port: 20_000 });
  });
  after(() => lab?.close());

  const settings = () => lab.victim.read(["cat", ...WATCHED]);
  const host = () => WATCHED.map((file) => readFileSync(file, "utf8")).join("");

  /** Runs in the namespace, with its settings and a root of its own. */
  const inside = (root: string, ...args: string[]) =>
    sockwarden(lab.victim, ["tune", ...args, "--root", root, "--proc", "/proc"]);

  for (const profile of ["mobile", "trunk", "churn"]) {
    test(`profile ${profile}: applied, read back by cat, and rolled back`, async () => {
      const root = path.join(folder, `lab-${profile}`);
      mkdirSync(`${root}/etc`, { recursive: true });
      const [was, hostWas] = [await settings(), host()];
      const applied = await inside(
        root,
        "apply",
        "--yes",
        "--json",
        "--profile",
        profile,
        "--connections",
        "1000",
      );
      assert.equal(applied.code, 0, applied.stderr);
      const { settings: set } = JSON.parse(applied.stdout);
      assert.ok(set.length >= 4);
      for (const { name, now } of set) {
        const live = await lab.victim.read(["cat", `/proc/sys/${name.replaceAll(".", "/")}`]);
        assert.equal(live.trim().replaceAll("\t", " "), now, name);
      }
      assert.equal(host(), hostWas);
      // A boot does the same: the file sets the values again.
      const is = await settings();
      const file = `${root}/etc/sysctl.d/90-sockwarden.conf`;
      const boot = existsSync("/usr/sbin/sysctl")
        ? await lab.victim.run(["/usr/sbin/sysctl", "-p", file])
        : null;
      assert.equal(boot?.code ?? 0, 0, boot?.stderr);
      assert.equal(await settings(), is);
      const second = JSON.parse(
        (await inside(root, "apply", "--json", "--profile", profile, "--connections", "1000")).stdout,
      );
      assert.deepEqual(second.changes, []);
      const back = await inside(root, "rollback");
      assert.equal(back.code, 0, back.stderr);
      assert.equal(await settings(), was);
      assert.equal(host(), hostWas);
      assert.ok(!existsSync(`${root}/etc/sysctl.d`) && !existsSync(`${root}/var`));
    });
  }

  test("a wider port range reserves the port that a server listens on, and rollback frees it", async () => {
    const root = path.join(folder, "lab-ports");
    mkdirSync(`${root}/etc`, { recursive: true });
    await lab.victim.read(["tee", "/proc/sys/net/ipv4/ip_local_port_range"], { input: "32768 60999\n" });
    const was = await settings();
    await inside(root, "apply", "--yes", "--profile", "churn");
    assert.match(await settings(), /^20000\n$/m);
    assert.equal((await inside(root, "rollback")).code, 0);
    assert.equal(await settings(), was);
  });

  test("--netns enters the namespace, and rollback elsewhere says where it belongs", {
    skip: process.getuid?.() !== 0 && "setns needs root",
  }, async () => {
    const root = path.join(folder, "lab-netns");
    mkdirSync(`${root}/etc`, { recursive: true });
    const [was, hostWas] = [await settings(), host()];
    const args = ["--root", root, "--proc", "/proc"];
    const netns = ["--netns", String(lab.victim.pid)];
    const applied = await sockwarden(null, ["tune", "apply", "--yes", ...args, ...netns]);
    assert.equal(applied.code, 0, applied.stderr);
    assert.notEqual(await settings(), was);
    assert.equal(host(), hostWas);
    const elsewhere = await sockwarden(null, ["tune", "rollback", ...args]);
    assert.equal(elsewhere.code, 1);
    assert.match(elsewhere.stderr, /another network namespace \(net:\[\d+\]\).*--netns/);
    assert.equal((await sockwarden(null, ["tune", "rollback", ...args, ...netns])).code, 0);
    assert.equal(await settings(), was);
    assert.equal(host(), hostWas);
  });
});
