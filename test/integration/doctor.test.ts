// `doctor` on the real kernel: settings, sockets and firewall sets of a lab's namespace change, and so do the verdicts.
// The self-test proves what it claims and leaves nothing behind, however it ends.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { type Lab, labUnavailable, openLab, until } from "../../lab/index.ts";
import { prove } from "../../src/cli/doctor/prove/prove.ts";
import { BIN, type Ran, run, sockwarden } from "./sockwarden.ts";

interface Result {
  readonly id: string;
  readonly severity: string;
  readonly ok: boolean | null;
  readonly text: string;
  readonly read: string;
  readonly advice: string | null;
}

function resultsOf({ code, stdout, stderr }: Ran): ReadonlyMap<string, Result> {
  assert.equal(code, 0, stderr);
  const { schema, checks } = JSON.parse(stdout) as {
    readonly schema: number;
    readonly checks: readonly Result[];
  };
  assert.equal(schema, 1);
  return new Map(checks.map((check) => [check.id, check]));
}

/** It listens on TCP and answers nothing: only its settings are judged, and the missing ones. */
const KAMAILIO_CFG = `#!KAMAILIO
children=1
tcp_connection_lifetime=7200 # too long
#tcp_max_connections=10
tcp_children=1
listen=tcp:198.18.0.2:5062
request_route {
  exit;
}
`;

const isRoot = process.geteuid?.() === 0;

describe("doctor in a namespace", { skip: labUnavailable() ?? false }, () => {
  let lab: Lab;
  before(async () => {
    lab = await openLab();
  });
  after(() => lab?.close());

  async function examine(...args: readonly string[]): Promise<ReadonlyMap<string, Result>> {
    return resultsOf(await sockwarden(lab.victim, ["doctor", "--json", ...args]));
  }

  /** The result of one check, without waiting for counters. */
  async function verdict(id: string, ...args: readonly string[]): Promise<Result> {
    return (await examine("--only", id, "--seconds", "0", ...args)).get(id)!;
  }

  async function set(key: string, value: string): Promise<void> {
    const { code, stderr } = await lab.victim.run(["tee", `/proc/sys/${key.replaceAll(".", "/")}`], {
      input: value,
    });
    assert.equal(code, 0, `${key}: ${stderr}`);
  }

  /** Per-namespace settings: a value that is fine for mobile clients, and one that is not. */
  const SETTINGS: Readonly<Record<string, readonly [string, string]>> = {
    "net.core.somaxconn": ["4096", "128"],
    "net.ipv4.tcp_keepalive_time": ["600", "7200"],
    "net.ipv4.tcp_keepalive_intvl": ["30", "300"],
    "net.ipv4.tcp_keepalive_probes": ["6", "2"],
    "net.ipv4.tcp_retries1": ["3", "1"],
    "net.ipv4.tcp_retries2": ["10", "5"],
    "net.ipv4.tcp_orphan_retries": ["0", "1"],
    "net.ipv4.tcp_fin_timeout": ["60", "5"],
    "net.ipv4.tcp_syn_retries": ["6", "2"],
    "net.ipv4.tcp_synack_retries": ["5", "1"],
    "net.ipv4.tcp_syncookies": ["1", "0"],
    "net.ipv4.tcp_max_syn_backlog": ["2048", "16"],
    "net.ipv4.tcp_abort_on_overflow": ["0", "1"],
    "net.ipv4.tcp_timestamps": ["1", "0"],
    "net.ipv4.ip_local_port_range": ["32768 60999", "50000 51000"],
    "net.ipv4.tcp_mtu_probing": ["1", "0"],
    "net.ipv4.conf.all.rp_filter": ["2", "1"],
    "net.netfilter.nf_conntrack_tcp_timeout_established": ["86400", "600"],
    "net.netfilter.nf_conntrack_tcp_loose": ["1", "0"],
  };

  test("every setting that a namespace has of its own changes its check's verdict", async (t) => {
    const there = Object.keys(SETTINGS);
    const expected = async (which: 0 | 1): Promise<void> => {
      for (const key of there) await set(key, SETTINGS[key]![which]);
      const results = await examine("--only", there.join(), "--seconds", "0");
      for (const key of there) {
        const { ok, text, read } = results.get(key)!;
        assert.deepEqual([key, ok, text], [key, which === 0, text]);
        assert.match(read, new RegExp(`^${key}: ${SETTINGS[key]![which]}$`));
      }
    };
    await expected(0);
    await expected(1);
    t.diagnostic(`${there.length} settings`);
    await expected(0);
  });

  test("the clocks of keepalive and of the firewall are judged together", async () => {
    await set("net.netfilter.nf_conntrack_tcp_timeout_established", "700");
    const swallowed = await verdict("conntrack-timeout");
    assert.deepEqual([swallowed.ok, swallowed.severity], [false, "critical"]);
    await set("net.ipv4.tcp_keepalive_time", "60");
    assert.equal((await verdict("conntrack-timeout")).ok, true);
    await set("net.ipv4.tcp_keepalive_probes", "2");
    assert.equal((await verdict("keepalive-outage")).ok, false);
    assert.equal((await verdict("keepalive-outage", "--profile", "trunk")).ok, true);
    await set("net.ipv4.tcp_keepalive_probes", "6");
    assert.equal((await verdict("keepalive-outage")).ok, true);
  });

  test("a hoarder is found by its source, and by the missing keepalive of a server", async () => {
    assert.equal((await verdict("one-source")).ok, true);
    const server = await lab.echo({ port: 5060 });
    const target = { address: lab.victimAddress4, port: 5060 };
    const hoard = await lab.hold({
      behaviour: "silent",
      count: 30,
      sources: { family: 4, addresses: 1 },
      target,
    });
    const results = await examine("--only", "one-source,keepalive-unused", "--seconds", "0");
    const one = results.get("one-source")!;
    assert.equal(one.ok, false);
    assert.match(one.text, new RegExp(`^${hoard.addresses[0]} holds 30 of 30 connections to \\S+:5060`));
    assert.match(
      results.get("keepalive-unused")!.text,
      /^30 of 30 quiet connections to \S+:5060 have no keepalive timer/,
    );
    await hoard.stop();
    await server.stop();
    assert.equal((await verdict("one-source")).ok, true);
  });

  test("a process near its descriptor limit is named, with what /proc says", async () => {
    const server = await lab.echo({ port: 5070, descriptors: 64 });
    assert.equal((await verdict("descriptors-used")).ok, true);
    const target = { address: lab.victimAddress6, port: 5070 };
    const crowd = await lab.hold({
      behaviour: "silent",
      count: 36,
      sources: { family: 6, addresses: 36, spread: "far" },
      target,
    });
    const { ok, text, advice } = await verdict("descriptors-used");
    const open = readdirSync(`/proc/${server.pid}/fd`).length;
    assert.equal(ok, false);
    assert.match(text, new RegExp(`\\(pid ${server.pid}\\) has ${open} of 64 descriptors open`));
    assert.match(advice!, new RegExp(`^prlimit --pid ${server.pid} --nofile=`, "m"));
    await crowd.stop();
    await server.stop();
  });

  test("a program that does not accept shows in its queue, and in the counters while it overflows", async () => {
    const server = await lab.echo({ port: 5080, backlog: 8 });
    await server.freeze();
    const target = { address: lab.victimAddress4, port: 5080 };
    const crowd = await lab.begin({
      behaviour: "silent",
      count: 60,
      sources: { family: 4, addresses: 60 },
      target,
      connectTimeoutMs: 9000,
    });
    await until(async () => (await verdict("accept-queue")).ok === false, {
      what: "the queue to fill",
      timeoutMs: 9000,
    });
    // A client sends its SYN again 1, 2, 3 and 4 s after the first: some fall between the two readings.
    const results = await examine("--only", "accept-queue,accept-queue-overflows");
    assert.match(
      results.get("accept-queue")!.text,
      /^9 connections wait to be accepted by \S+:5080, whose queue holds 8/,
    );
    assert.equal(
      results.get("accept-queue-overflows")!.ok,
      false,
      results.get("accept-queue-overflows")!.text,
    );
    server.thaw();
    await crowd.stop();
    await server.stop();
  });

  test("a firewall set that bans a connected source is named, until the connection is gone", async (t) => {
    if ((await lab.victim.run(["nft", "--version"])).code === 127) return t.skip("no nft");
    const server = await lab.echo({ port: 5090 });
    const target = { address: lab.victimAddress4, port: 5090 };
    const [banned, other] = [1, 2].map(
      () => ({ behaviour: "silent", count: 3, sources: { family: 4, addresses: 1 }, target }) as const,
    );
    const [hoard, crowd] = [await lab.hold(banned!), await lab.hold(other!)];
    assert.equal((await verdict("banned-but-connected")).ok, true);
    const commands = [
      "add table ip guard",
      "add set ip guard bad { type ipv4_addr; flags timeout; }",
      "add chain ip guard in { type filter hook input priority 0; }",
      "add rule ip guard in ip saddr @bad drop",
      `add element ip guard bad { ${hoard.addresses[0]} timeout 60s }`,
    ];
    await lab.victim.read(["nft", commands.join("; ")]);
    const { ok, text, advice } = await verdict("banned-but-connected");
    assert.deepEqual(
      [ok, text],
      [false, "3 connections of 1 banned address in nftables ip guard/bad are still held."],
    );
    assert.match(advice!, new RegExp(`^ss -K dst ${hoard.addresses[0]}$`, "m"));
    await lab.victim.read(["nft", "delete table ip guard"]);
    for (const population of [hoard, crowd]) await population.stop();
    await server.stop();
  });

  test("TIME-WAIT is judged against the namespace's own limit", async () => {
    const server = await lab.echo({ port: 5100 });
    await set("net.ipv4.tcp_max_tw_buckets", "20");
    assert.equal((await verdict("time-wait")).ok, true);
    const target = { address: lab.victimAddress4, port: 5100 };
    // More than fit, since the end that closes second keeps no TIME-WAIT.
    await lab.hold({ behaviour: "time-wait", count: 60, sources: { family: 4, addresses: 4 }, target });
    await until(async () => (await verdict("time-wait")).ok === false, {
      what: "TIME-WAIT to fill",
      timeoutMs: 15_000,
    });
    await server.stop();
  });

  test("a real Kamailio with fewer descriptors than connections is found, by its own file and its own limit", async (t) => {
    if ((await lab.victim.run(["kamailio", "-v"])).code === 127) return t.skip("no kamailio");
    const folder = mkdtempSync(path.join(tmpdir(), "sockwarden-doctor-kamailio-"));
    const file = path.join(folder, "kamailio.cfg");
    t.after(() => rmSync(folder, { recursive: true }));
    writeFileSync(file, KAMAILIO_CFG);
    const start = (descriptors: number) =>
      lab.victim.start([
        ...["prlimit", `--nofile=${descriptors}:8192`, "--", "kamailio", "-DD", "-E"],
        ...["-f", file, "-Y", folder, "-m", "16", "-M", "4"],
      ]);
    const ids = "kamailio-descriptors,kamailio-lifetime,kamailio-source-limit,kamailio-keepalive";
    const found = async () => examine("--only", ids, "--seconds", "0");
    const listening = async () =>
      (await found()).get("kamailio-lifetime")!.text !== "no kamailio listens here";
    for (const [descriptors, ok] of [
      [256, false],
      [8192, true],
    ] as const) {
      const kamailio = await start(descriptors);
      await until(listening, { what: "Kamailio to listen", timeoutMs: 20_000 });
      const results = await found();
      const { text, read } = results.get("kamailio-descriptors")!;
      assert.deepEqual([results.get("kamailio-descriptors")!.ok, text], [ok, text]);
      if (!ok) {
        assert.match(
          text,
          /^kamailio \(pid \d+\) may have 256 descriptors and is set up for 2048 TCP connections/,
        );
        assert.match(read, /kamailio\.cfg: tcp_max_connections is not set \(2048\).*Max open files 256 soft/);
      }
      assert.match(results.get("kamailio-lifetime")!.read, /kamailio\.cfg:3: tcp_connection_lifetime = 7200/);
      assert.equal(results.get("kamailio-source-limit")!.ok, false);
      assert.equal(results.get("kamailio-keepalive")!.ok, true);
      await kamailio.stop();
      await until(async () => !(await listening()), { what: "Kamailio to end", timeoutMs: 10_000 });
    }
  });

  test("--netns examines it from outside", async (t) => {
    if (!isRoot) return t.skip("entering a namespace takes root");
    const id = "net.ipv4.tcp_retries2";
    const args = ["doctor", "--json", "--only", id, "--netns", String(lab.victim.pid)];
    for (const [value, ok] of [
      ["5", false],
      ["10", true],
    ] as const) {
      await set(id, value);
      assert.equal(resultsOf(await sockwarden(null, args)).get(id)!.ok, ok);
    }
  });
});

describe("doctor --prove", { skip: labUnavailable() ?? false }, () => {
  /** Processes with this mark in their environment, as all processes of a run have. */
  function marked(mark: string): string[] {
    return readdirSync("/proc").filter((pid) => {
      try {
        return (
          /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, "latin1").includes(`LAB_MARK=${mark}\0`)
        );
      } catch {
        return false; // Ended meanwhile, or another user's.
      }
    });
  }

  const argv = [process.execPath, BIN, "doctor", "--prove", "--only", "sock-destroy", "--json"];

  test("proves that bans block and an eviction frees, says what it does not prove, and leaves nothing", async () => {
    const before = await run(["cat", "/proc/net/ip_tables_names"]);
    const ran = await run(argv, { ...process.env, LAB_MARK: `proof-${process.pid}` });
    const results = resultsOf(ran);
    const eviction = results.get("prove-eviction")!;
    assert.equal(eviction.ok, true, eviction.text);
    assert.match(
      eviction.text,
      /100 of 100 connections destroyed.* 100 descriptors freed.* 5 of 5 bystanders/,
    );
    for (const id of ["prove-ban-nftables", "prove-ban-ipset"]) {
      const { ok, text } = results.get(id)!;
      assert.ok(
        ok === true ? /0 of 6 connections got in/.test(text) : /not proven: there is no program/.test(text),
        text,
      );
    }
    assert.equal(results.get("prove-beyond")!.ok, null);
    assert.deepEqual(marked(`proof-${process.pid}`), []);
    assert.deepEqual(await run(["cat", "/proc/net/ip_tables_names"]), before);
  });

  test("does not believe a ban that blocks nothing, and says which program is missing or what it said", async () => {
    const idle = { id: "idle", name: "nothing", needs: [], ban: () => [["true"]], lift: [["true"]] };
    const absent = { ...idle, id: "absent", needs: [{ program: "no-such-program", package: "none" }] };
    const refused = { ...idle, id: "refused", ban: () => [["ls", "/no/such/folder"]] };
    const results = await prove([idle, absent, refused]);
    const [first, second, third] = results.map(({ ok, text }) => [ok, text] as const);
    assert.equal(first![0], false);
    assert.match(first![1], /nothing does not work here: 6 of 6 connections got in from the banned/);
    assert.deepEqual(second, [
      null,
      "not proven: there is no program no-such-program (Debian's package is none)",
    ]);
    assert.equal(third![0], null);
    assert.match(third![1], /ls .* No such file/);
    assert.equal(results.find(({ id }) => id === "prove-eviction")!.ok, true);
  });

  test("leaves nothing when it is killed in the middle", async () => {
    const child = spawn(argv[0]!, argv.slice(1), {
      stdio: "ignore",
      env: { ...process.env, LAB_MARK: `killed-${process.pid}` },
    });
    await until(() => marked(`killed-${process.pid}`).length > 4, {
      what: "the canary to live",
      timeoutMs: 15_000,
    });
    child.kill("SIGKILL");
    await until(() => marked(`killed-${process.pid}`).length === 0, {
      what: "everything to end",
      timeoutMs: 10_000,
    });
  });

  test("works for an ordinary user where user namespaces do", async (t) => {
    if (!isRoot) return t.skip("this test steps down from root");
    const user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"];
    const { ok, text } = resultsOf(await run([...user, ...argv])).get("prove-eviction")!;
    assert.ok(ok === true || /namespaces/.test(text), text);
  });
});

for (const [args, words] of [
  [["--only", "keepalive"], /no check keepalive\. Did you mean keepalive-unused/],
  [["--severity", "bad"], /critical, warning, notice/],
  [["--profile", "sip"], /mobile, trunk, churn/],
  [["--seconds", "61"], /0 to 60/],
] as const) {
  test(`"sockwarden doctor ${args.join(" ")}" is wrong usage: exit 2, and 3 for a monitoring system`, async () => {
    const plain = await sockwarden(null, ["doctor", ...args]);
    assert.deepEqual([plain.code, plain.stdout], [2, ""]);
    assert.match(plain.stderr, words);
    assert.equal((await sockwarden(null, ["doctor", "--nagios", ...args])).code, 3);
  });
}

test("a namespace or file that is not there fails: exit 1 with one line, 3 for a monitoring system", async () => {
  for (const args of [
    ["--netns", "no-such-namespace"],
    ["--file", "/no/such/file"],
  ]) {
    const { code, stdout, stderr } = await sockwarden(null, ["doctor", ...args]);
    assert.deepEqual([code, stdout], [1, ""]);
    assert.equal(stderr.trimEnd().split("\n").length, 1, stderr);
    assert.equal((await sockwarden(null, ["doctor", "--nagios", ...args])).code, 3);
  }
});

test("doctor ends with 0 whatever it finds, --fail-on makes it 1, --nagios the plugin's code", async () => {
  const file = [
    "doctor",
    "--file",
    new URL("../../src/doctor/fixtures/account-sysctl.conf", import.meta.url).pathname,
  ];
  const found = await sockwarden(null, file);
  assert.equal(found.code, 0);
  assert.match(found.stdout, /5 dangerous/);
  assert.equal((await sockwarden(null, [...file, "--fail-on", "critical"])).code, 1);
  const nagios = await sockwarden(null, [...file, "--nagios"]);
  assert.equal(nagios.code, 2);
  assert.match(
    nagios.stdout,
    /^DOCTOR CRITICAL - fs\.file-max, .* \| critical=5 warning=2 notice=8 unknown=0\n$/,
  );
});

test("an ordinary user hears which facts could not be seen, and gets the rest", async (t) => {
  if (!isRoot) return t.skip("this test steps down from root");
  const user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"];
  const { code, stdout, stderr } = await run([
    ...user,
    process.execPath,
    BIN,
    "doctor",
    "--seconds",
    "0",
    "--all",
  ]);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /Not seen: .*the firewall's sets/);
  assert.match(stdout, /nftables +whether this kernel can ban by nftables: only root may ask/);
  assert.match(stdout, /sock-destroy +this kernel can evict/);
});
