// One suite for every backend, in real namespaces: nft, ipset and iptables check its answers, and clients that try to
// connect check its bans. Each backend has a file that runs the suite, so that they run side by side.

import assert from "node:assert/strict";
import { after, before, describe, type TestContext, test } from "node:test";
import { findProgram, type Lab, labUnavailable, openLab, until } from "../../lab/index.ts";
import { BACKEND_ENTRIES } from "../../src/enforce/backends.ts";
import { type BackendName, formatNetwork } from "../../src/model/index.ts";
import {
  type BackendKind,
  ban,
  Dialler,
  NOW,
  network,
  type Outcome,
  only,
  RemoteBackend,
  spec,
} from "./enforce-support.ts";

const PORT = { sip: 5060, sipToo: 5061, web: 80, free: 7000 };
const WEB = "web; flush ruleset";
const MANY = 40_000;
const SILENCE_MS = 400;
const PATIENCE_MS = 5000;

export interface Trait {
  readonly kind: BackendKind;
  readonly needs: readonly string[];
  /** Whether it drops packets by itself. */
  readonly judges: boolean;
  /** Whether it puts anything into the kernel. */
  readonly holds: boolean;
}

/** The trait of a backend, from its registration. Whatever it needs, nft plays the somebody else whose rules stay. */
export function traitOf(name: BackendName): Trait {
  const { takes, selfTest } = BACKEND_ENTRIES[name];
  const needs = ["nft", ...(selfTest?.needs ?? []).map(({ program }) => program)];
  return { kind: name, needs, judges: selfTest !== null, holds: takes !== null };
}

const root = process.geteuid?.() === 0;
const unavailable = root ? labUnavailable() : "changing a network namespace takes root";

/** The kernel's rules that are not ours, without counters and handles. */
async function foreign(lab: Lab): Promise<string> {
  const [rules, sets, saved, saved6] = await Promise.all([
    lab.victim.read(["nft", "list", "table", "inet", "somebody"]),
    findProgram("ipset") === null ? "" : lab.victim.read(["ipset", "save"]),
    findProgram("iptables") === null ? "" : lab.victim.read(["iptables-save"]),
    findProgram("iptables") === null ? "" : lab.victim.read(["ip6tables-save"]),
  ]);
  const others = [...sets.split("\n"), ...saved.split("\n"), ...saved6.split("\n")].filter(
    (line) => !/sw-|SOCKWARDEN|^#|^\*|^COMMIT|^:(PREROUTING|INPUT|OUTPUT|FORWARD) ACCEPT/.test(line),
  );
  return [rules, ...others].join("\n");
}

async function addForeign(lab: Lab): Promise<void> {
  await lab.victim.read([
    "nft",
    "add table inet somebody; add set inet somebody s { type ipv4_addr; flags timeout; }; " +
      "add chain inet somebody c { type filter hook input priority 0; }; add rule inet somebody c ip saddr @s drop; " +
      "add element inet somebody s { 192.0.2.1 }",
  ]);
  if (findProgram("ipset") === null || findProgram("iptables") === null) return;
  await lab.victim.read(["ipset", "create", "others", "hash:ip"]);
  await lab.victim.read(["ipset", "add", "others", "192.0.2.1"]);
  await lab.victim.read([
    "iptables",
    "-A",
    "INPUT",
    "-m",
    "set",
    "--match-set",
    "others",
    "src",
    "-j",
    "DROP",
  ]);
}

/** The lines in the kernel that are ours. */
async function ours(lab: Lab): Promise<string[]> {
  const nft = await lab.victim.read(["nft", "list", "ruleset"]);
  const ipset = findProgram("ipset") === null ? "" : await lab.victim.read(["ipset", "save"]);
  return `${nft}\n${ipset}`.split("\n").filter((line) => /sockwarden|SOCKWARDEN|sw-/.test(line));
}

export function describeBackend(trait: Trait): void {
  const missing = trait.needs.find((program) => findProgram(program) === null);
  const skip = unavailable ?? (missing === undefined ? false : `there is no ${missing}`);
  describe(`the ${trait.kind} backend`, { skip }, () => conformance(trait));
}

function conformance({ kind, judges, holds }: Trait): void {
  let lab: Lab;
  let backend: RemoteBackend;
  let clients: Dialler;
  const sources = {
    a: "10.1.0.1",
    b: "10.1.0.2",
    far: "10.2.0.1",
    six: "2001:db8:1::1",
    six2: "2001:db8:1::2",
  };

  before(async () => {
    lab = await openLab();
    backend = new RemoteBackend(kind, lab.victim.pid);
    clients = new Dialler(lab.client.pid);
    await addForeign(lab);
    await lab.echo({ port: Object.values(PORT) });
  });

  after(async () => {
    await backend?.[Symbol.asyncDispose]();
    await clients?.[Symbol.asyncDispose]();
    await lab?.close();
  });

  const address = (source: string): string =>
    source.includes(":") ? lab.victimAddress6 : lab.victimAddress4;

  /** For a source that must be kept out: a short wait shows silence. */
  const to = (source: string, port: number = PORT.sip): Promise<Outcome> =>
    clients.try(source, address(source), port, SILENCE_MS);

  /** For a source that must be let in: on a busy machine it may take its time. */
  const reach = (source: string, port: number = PORT.sip): Promise<Outcome> =>
    clients.try(source, address(source), port, PATIENCE_MS);

  async function fresh(different: Parameters<typeof spec>[0] = {}): Promise<void> {
    await backend.call("tearDown");
    await backend.call("setUp", spec(different));
    await backend.call("disturbed");
  }

  const listed = async (): Promise<string[]> =>
    (await backend.call("list"))
      .map(({ source, listener, kind: of }) => `${of} ${formatNetwork(source)} ${listener ?? "*"}`)
      .sort();

  test("it holds what was added, with what remains and a count of packets", async () => {
    await fresh();
    const added = [
      ban(sources.a),
      ban(sources.a, { kind: "cap" }),
      ban(sources.a, { listener: WEB }),
      ban("10.0.0.0/8", { listener: "sip" }),
      ban("10.1.0.0/16"),
      ban("192.0.2.0/24"),
      ban("2001:db8:1::/64"),
      ban("2001:db8::/32", { kind: "cap" }),
      ban("2001:db8:7::7"),
    ];
    assert.deepEqual(await backend.call("add", added, NOW), { done: added.length, failed: [] });
    assert.deepEqual(
      await listed(),
      added.map((of) => `${of.kind} ${formatNetwork(of.source)} ${of.listener ?? "*"}`).sort(),
    );
    for (const { remainingMs, packets } of await backend.call("list")) {
      assert.ok(remainingMs > 590_000 && remainingMs <= 601_000, `${remainingMs} ms remain`);
      assert.equal(packets, holds ? 0 : null);
    }
  });

  test("adding again sets the new end, earlier or later; others stay", async () => {
    await fresh();
    await backend.call("add", [ban(sources.a), ban(sources.b)], NOW);
    for (const forMs of [3_600_000, 60_000]) {
      assert.equal((await backend.call("add", [ban(sources.a, { forMs }), ban(sources.far)], NOW)).done, 2);
      const bans = await backend.call("list");
      assert.equal(bans.length, 3);
      const renewed = bans.find(({ source }) => formatNetwork(source) === sources.a)!;
      assert.ok(Math.abs(renewed.remainingMs - forMs) < 3000, `${renewed.remainingMs} of ${forMs} ms remain`);
    }
  });

  test("removing takes bans away, and is no error for absent ones", async () => {
    await fresh();
    await backend.call("add", [ban(sources.a), ban(sources.b), ban("2001:db8:1::/64")], NOW);
    const gone = [ban("192.0.2.9"), ban(sources.a), ban("192.0.2.0/30"), ban(sources.b, { listener: "sip" })];
    assert.deepEqual(await backend.call("remove", gone), { done: 4, failed: [] });
    assert.deepEqual(await listed(), [`ban ${sources.b} *`, "ban 2001:db8:1::/64 *"].sort());
  });

  test("a ban that nobody can hold is told, and the others are done", async () => {
    await fresh();
    const bans = [ban(sources.a), ban("0.0.0.0/0"), ban(sources.b, { listener: "nobody" }), ban(sources.far)];
    const { done, failed } = await backend.call("add", bans, NOW);
    assert.equal(done, 2);
    assert.deepEqual(
      failed.map((one) => formatNetwork(one.ban.source)).sort(),
      ["0.0.0.0/0", sources.b].sort(),
    );
    assert.match(failed.map(({ error }) => error.message).join(), /everybody.*no listener named nobody/);
    assert.deepEqual(await listed(), [`ban ${sources.a} *`, `ban ${sources.far} *`].sort());
  });

  test("a ban ends by itself, and one that is over is not added", async () => {
    await fresh();
    await backend.call(
      "add",
      [ban(sources.a, { forMs: 1000 }), ban(sources.b), ban(sources.far, { forMs: -1 })],
      NOW,
    );
    assert.ok((await listed()).length <= 2);
    await until(async () => (await listed()).length === 1, { what: "the ban to end", timeoutMs: 4000 });
    assert.equal(formatNetwork(only(await backend.call("list")).source), sources.b);
  });

  test("setting up twice keeps the bans", async () => {
    await fresh();
    await backend.call("add", [ban(sources.a), ban("10.0.0.0/8", { listener: "sip", kind: "cap" })], NOW);
    const before = await listed();
    await backend.call("setUp", spec());
    await backend.call("setUp", spec({ prefixes: { ipv4: 24, ipv6: 56 }, action: "reject" }));
    assert.deepEqual(await listed(), before);
    assert.equal(await backend.call("disturbed"), false);
    await backend.call("setUp", spec({ listeners: spec().listeners.slice(1) }));
    assert.deepEqual(await listed(), [`ban ${sources.a} *`], "those of a listener that is gone are gone");
  });

  test("nobody else's tables, chains and sets are touched", async () => {
    await fresh();
    const before = await foreign(lab);
    await fresh({ action: "reject" });
    await backend.call("add", [ban(sources.a), ban("2001:db8::/32")], NOW);
    assert.equal(await foreign(lab), before);
    await backend.call("tearDown");
    assert.equal(await foreign(lab), before);
  });

  test("tearing down leaves nothing, and may be repeated", async () => {
    await fresh();
    await backend.call("add", [ban(sources.a), ban("10.0.0.0/8")], NOW);
    assert.equal((await ours(lab)).length > 0, holds);
    await backend.call("tearDown");
    await backend.call("tearDown");
    assert.deepEqual(await ours(lab), []);
    assert.deepEqual(await backend.call("list"), []);
  });

  test("reconcile() makes it hold what is desired, and a second time changes nothing", async () => {
    await fresh();
    await backend.call("add", [ban(sources.a), ban(sources.b, { forMs: 60_000 }), ban("10.0.0.0/8")], NOW);
    const desired = [ban(sources.a), ban(sources.b), ban(sources.far, { kind: "cap", listener: WEB })];
    assert.deepEqual(await backend.reconcile(desired, NOW), { added: 2, removed: 1, failed: [] });
    assert.deepEqual(await backend.reconcile(desired, NOW), { added: 0, removed: 0, failed: [] });
    assert.equal((await listed()).length, 3);
  });

  test(`${MANY} bans are loaded, read and added to`, async (t) => {
    await fresh();
    const many = Array.from({ length: MANY }, (_, i) =>
      ban(`10.${16 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}`),
    );
    assert.equal((await backend.call("add", many, NOW)).done, MANY);
    note(t, "load", backend.lastMs, 1000);
    await backend.call("add", [ban("192.0.2.1")], NOW);
    note(t, "add one", backend.lastMs, 5);
    assert.equal((await backend.call("list")).length, MANY + 1);
    note(t, "list", backend.lastMs, 500);
    await backend.call("disturbed");
    note(t, "disturbed()", backend.lastMs, 5);
    await backend.call("setUp", spec());
    note(t, "set up again", backend.lastMs, 500);
    assert.equal((await backend.call("remove", many)).done, MANY);
    note(t, "remove", backend.lastMs, 1000);
    assert.deepEqual(await listed(), ["ban 192.0.2.1 *"]);
  });

  if (holds) {
    test("a change of the ruleset by somebody else is noticed once, and repaired", async () => {
      await fresh();
      const desired = [ban(sources.a), ban("10.0.0.0/8", { listener: "sip" })];
      await backend.call("add", desired, NOW);
      assert.equal(await backend.call("disturbed"), false);
      await lab.victim.read(["nft", "flush", "ruleset"]);
      if (kind === "ipset") await lab.victim.read(["ipset", "flush", "sw-ban4-all"]);
      assert.equal(await backend.call("disturbed"), true);
      assert.equal(await backend.call("disturbed"), false);
      await backend.call("setUp", spec());
      await backend.reconcile(desired, NOW);
      assert.deepEqual(await listed(), [`ban ${sources.a} *`, "ban 10.0.0.0/8 sip"].sort());
      assert.equal(await backend.call("disturbed"), false);
      if (judges) assert.equal(await to(sources.a), "silence");
      await addForeign(lab).catch(() => lab.victim.read(["nft", "add", "table", "inet", "somebody"]));
    });
  }

  if (!judges) return;

  test("a banned source is kept out of the guarded ports and of nothing else", async () => {
    await fresh();
    assert.equal(await reach(sources.a), "connected");
    await backend.call("add", [ban(sources.a)], NOW);
    assert.deepEqual(
      await Promise.all([reach(sources.b), reach(sources.far)]),
      ["connected", "connected"],
      "other sources are let in",
    );
    assert.equal(await to(sources.a), "silence");
    assert.equal(await to(sources.a, PORT.web), "silence");
    assert.equal(await reach(sources.a, PORT.free), "connected");
    const { packets } = only(await backend.call("list"));
    assert.ok(packets !== null && packets >= 2, `${packets} packets`);
    await backend.call("setUp", spec());
    assert.ok(only(await backend.call("list")).packets! >= packets, "counters are kept");
    await backend.call("remove", [ban(sources.a)]);
    assert.equal(await reach(sources.a), "connected");
  });

  test("a ban of one listener leaves the others' ports open", async () => {
    await fresh();
    await backend.call("add", [ban(sources.a, { listener: "sip" })], NOW);
    assert.equal(await to(sources.a, PORT.sip), "silence");
    assert.equal(await to(sources.a, PORT.sipToo), "silence");
    assert.equal(await reach(sources.a, PORT.web), "connected");
  });

  test("a ban silences held connections; a cap lets them live and refuses new ones", async () => {
    await fresh();
    const banned = await clients.hold(sources.a, lab.victimAddress4, PORT.sip);
    const capped = await clients.hold(sources.b, lab.victimAddress4, PORT.sip);
    await backend.call("add", [ban(sources.a), ban(sources.b, { kind: "cap" })], NOW);
    assert.equal(await clients.answers(capped, PATIENCE_MS), true);
    assert.equal(await to(sources.b), "silence");
    assert.equal(await clients.answers(banned, SILENCE_MS), false);
  });

  test("a network's ban hits every address in it, of both families, on a dual-stack listener", async () => {
    await fresh();
    await backend.call("add", [ban("2001:db8:1::/64"), ban("10.1.0.0/24")], NOW);
    assert.equal(await to(sources.six), "silence");
    assert.equal(await to(sources.six2), "silence");
    assert.equal(await reach("2001:db8:2::1"), "connected");
    assert.equal(await to(sources.b), "silence");
    assert.equal(await reach(sources.far), "connected");
  });

  test("networks of any length, one inside another", async () => {
    await fresh();
    await backend.call("add", [ban("10.0.0.0/9"), ban("10.2.0.0/15"), ban("2001:db8::/33")], NOW);
    await backend.call("remove", [ban("10.0.0.0/9")]);
    assert.equal(await to(sources.far), "silence");
    assert.equal(await reach(sources.a), "connected");
    assert.equal(await to(sources.six), "silence");
    assert.equal(await reach("2001:db8:8000::1"), "connected");
  });

  test("reject answers with a reset", async () => {
    await fresh({ action: "reject" });
    await backend.call("add", [ban(sources.a), ban("2001:db8:1::/64", { kind: "cap" })], NOW);
    assert.equal(await to(sources.a), "refused");
    assert.equal(await to(sources.six), "refused");
    assert.equal(await reach(sources.b), "connected");
  });

  test("a listener on one address is banned from that address alone", async () => {
    const address = network(lab.victimAddress4);
    await fresh({ listeners: [{ name: "sip", ports: [PORT.sip], address, strict: null }] });
    await backend.call("add", [ban(sources.a)], NOW);
    assert.equal(await to(sources.a), "silence");
    assert.equal(await clients.try(sources.a, lab.spareAddress4, PORT.sip, PATIENCE_MS), "connected");
  });

  test("the fence refuses the connection beyond the limit, at the SYN, and lets the allowlist through", async () => {
    await fresh({
      fence: true,
      listeners: [
        {
          name: "sip",
          ports: [PORT.sip],
          address: null,
          strict: { connectionsPerSource: 3, newPerSource: null },
        },
      ],
      allow: [
        { network: network("10.3.0.0/24"), connectionsPerSource: null },
        { network: network("10.3.0.7"), connectionsPerSource: 1 },
      ],
    });
    await exhaust("10.3.1.1", 3);
    await exhaust("2001:db8:3::1", 3);
    assert.equal(await to("2001:db8:3::2"), "silence", "one /64 is one source");
    await exhaust("10.3.0.7", 1);
    for (let i = 0; i < 5; i++) await clients.hold("10.3.0.8", lab.victimAddress4, PORT.sip);
    await backend.call("setUp", spec());
    assert.equal(await reach("10.3.1.1"), "connected", "the fence is down");
  });

  test("the fence refuses connections that come too often", async () => {
    const strict = { connectionsPerSource: null, newPerSource: { count: 4, perMs: 600_000 } };
    await fresh({ fence: true, listeners: [{ name: "sip", ports: [PORT.sip], address: null, strict }] });
    for (let i = 0; i < 4; i++) assert.equal(await reach("10.4.0.1"), "connected", `number ${i + 1} of 4`);
    let beyond = 0;
    while (beyond < 3 && (await to("10.4.0.1")) !== "silence") beyond++;
    assert.ok(beyond <= 1, `${beyond} more were let in`);
    assert.equal(await reach("10.4.0.2"), "connected");
  });

  async function exhaust(source: string, limit: number): Promise<void> {
    for (let i = 0; i < limit; i++) await clients.hold(source, address(source), PORT.sip);
    assert.equal(await to(source), "silence", `${source} has ${limit} already`);
  }
}

/** Notes the time. Only a time far off the aim fails, since other tests share the processors. */
function note(t: TestContext, what: string, ms: number, aimMs: number): void {
  t.diagnostic(`${what}: ${ms.toFixed(2)} ms (aim: ${aimMs} ms)`);
  assert.ok(ms < 10 * aimMs, `${what} took ${ms} ms`);
}
