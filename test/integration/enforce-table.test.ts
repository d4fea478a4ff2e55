// Tests for nftables' own table alone: tables of older versions, other people's rules beside the sets, and rights.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { findProgram, type Lab, labUnavailable, openLab } from "../../lab/index.ts";
import { BACKEND_ENTRIES } from "../../src/enforce/backends.ts";
import { formatNetwork, type Network } from "../../src/model/index.ts";
import { type BackendKind, ban, NOW, only, RemoteBackend, spec } from "./enforce-support.ts";

const root = process.geteuid?.() === 0;
const unavailable = root ? labUnavailable() : "changing a network namespace takes root";
const skip = unavailable ?? (findProgram("nft") === null ? "there is no nft" : false);

describe("the table of nftables", { skip }, () => {
  let lab: Lab;
  const opened: RemoteBackend[] = [];

  before(async () => {
    lab = await openLab();
  });

  after(async () => {
    for (const backend of opened) await backend[Symbol.asyncDispose]();
    await lab?.close();
  });

  const nft = (...commands: readonly string[]): Promise<string> =>
    lab.victim.read(["nft", commands.join("\n")]);

  async function open(kind: BackendKind = "nftables"): Promise<RemoteBackend> {
    await nft("flush ruleset");
    const backend = new RemoteBackend(kind, lab.victim.pid);
    opened.push(backend);
    return backend;
  }

  test("a table of another shape is made anew, with the bans that it held", async () => {
    const backend = await open();
    await nft(
      "add table inet sockwarden",
      "add set inet sockwarden ban4_32_all { type ipv4_addr; flags timeout; }",
      "add set inet sockwarden cap6_64_sip { type ipv6_addr; flags interval,timeout; counter; }",
      "add set inet sockwarden ban6_64_all { type ipv4_addr; flags timeout; counter; }",
      "add chain inet sockwarden guard { type filter hook input priority 10; }",
      "add rule inet sockwarden guard ip saddr @ban4_32_all drop",
      "add element inet sockwarden ban4_32_all { 192.0.2.1 timeout 10m }",
    );
    await backend.call("setUp", spec());
    const kept = only(await backend.call("list"));
    assert.equal(formatNetwork(kept.source), "192.0.2.1");
    assert.ok(kept.remainingMs > 590_000, `${kept.remainingMs} ms remain`);
    assert.equal(kept.packets, 0, "now it counts");
    assert.match(await nft("list chain inet sockwarden guard"), /hook prerouting priority raw/);
  });

  test("bans are kept when their length is no longer that of a source", async () => {
    const backend = await open();
    await backend.call("setUp", spec({ prefixes: { ipv4: 32, ipv6: 60 } }));
    await backend.call("add", [ban("2001:db8::/60")], NOW);
    await backend.call("setUp", spec());
    assert.equal(formatNetwork(only(await backend.call("list")).source), "2001:db8::/60");
    await backend.call("remove", [ban("2001:db8::/60")]);
    await backend.call("setUp", spec());
    assert.doesNotMatch(await nft("list table inet sockwarden"), /6_60_/, "an empty one goes");
  });

  test("another process finds the bans of the one before, with their counters", async () => {
    const first = await open();
    await first.call("setUp", spec());
    await first.call("add", [ban("192.0.2.1"), ban("10.0.0.0/9", { listener: "sip", kind: "cap" })], NOW);
    const second = new RemoteBackend("nftables", lab.victim.pid);
    opened.push(second);
    assert.deepEqual(await second.call("list"), [], "before it was told of listeners it knows none");
    await second.call("setUp", spec());
    const names = (bans: readonly { source: Network }[]): string[] =>
      bans.map(({ source }) => formatNetwork(source)).sort();
    assert.deepEqual(names(await second.call("list")), ["10.0.0.0/9", "192.0.2.1"]);
    assert.equal(await second.call("disturbed"), false);
    assert.equal(await first.call("disturbed"), true, "to the first one, the second is somebody else");
  });

  test("a change between two of ours is noticed", async () => {
    const backend = await open();
    await backend.call("setUp", spec());
    await backend.call("disturbed");
    await backend.call("add", [ban("192.0.2.1")], NOW);
    await nft("delete element inet sockwarden ban4_32_all { 192.0.2.1 }");
    await backend.call("add", [ban("192.0.2.2")], NOW);
    assert.equal(await backend.call("disturbed"), true);
    assert.deepEqual(await backend.reconcile([ban("192.0.2.1"), ban("192.0.2.2")], NOW), {
      added: 1,
      removed: 0,
      failed: [],
    });
    assert.equal(await backend.call("disturbed"), false);
  });

  test("set-only leaves other people's chains in its table alone, to the end", async () => {
    const backend = await open("set-only");
    await backend.call("setUp", spec());
    assert.doesNotMatch(await nft("list table inet sockwarden"), /chain/);
    await nft(
      "add chain inet sockwarden mine { type filter hook input priority 0; }",
      "add rule inet sockwarden mine tcp dport 5060 ip saddr @ban4_32_all counter drop",
    );
    const chain = await nft("list chain inet sockwarden mine");
    await backend.call("add", [ban("192.0.2.1"), ban("192.0.2.0/28")], NOW);
    await backend.call("setUp", spec({ prefixes: { ipv4: 24, ipv6: 56 } }));
    assert.equal((await backend.call("list")).length, 2);
    await backend.call("tearDown");
    assert.equal(await nft("list chain inet sockwarden mine"), chain);
    assert.doesNotMatch(await nft("list table inet sockwarden"), /elements/);
  });

  test("the host's own outbound connections are let alone", async () => {
    const backend = await open();
    await backend.call("setUp", spec());
    await backend.call("add", [ban("10.0.0.0/8")], NOW);
    const { opened: connected } = await (await lab.dialOut({ count: 2 })).settled;
    assert.equal(connected, 2);
  });

  for (const [name] of Object.entries(BACKEND_ENTRIES).filter(([, { takes }]) => takes !== null)) {
    test(`${name}: without CAP_NET_ADMIN it says what it takes`, () => {
      const registry = fileURLToPath(new URL("../../src/enforce/backends.ts", import.meta.url));
      const code = `import(${JSON.stringify(registry)}).then(({ openBackend }) => {
        const backend = openBackend(${JSON.stringify(name)});
        try { backend.setUp(${JSON.stringify(spec())}); } catch (error) { process.stdout.write(error.code + ' ' + error.message); }
      })`;
      const without = ["setpriv", "--bounding-set", "-net_admin", "--inh-caps", "-net_admin"];
      const { stdout } = spawnSync("unshare", ["-n", ...without, process.execPath, "-e", code], {
        encoding: "utf8",
      });
      assert.match(stdout, /^denied set up (nftables|ipset): it takes CAP_NET_ADMIN: run as root/);
    });
  }
});
