// Every verb against a daemon that guards: its answer, and the state by nft and ss afterwards.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import fc from "fast-check";
import { type Lab, until } from "../../lab/index.ts";
import { ask, askRaw } from "../../src/api/testing/talk.ts";
import type {
  AllowlistDocument,
  BansDocument,
  DoneDocument,
  ExplainDocument,
  StatusDocument,
} from "../../src/client/index.ts";
import { DaemonLab, held, isBanned, PORT, refused, ruleset, SIP, skipReason } from "./daemon-kit.ts";

const SOON = { timeoutMs: 10_000 };

/** How many calls of strangers fast-check makes up. */
const RUNS = 500;

async function connects(lab: Lab, from: string): Promise<boolean> {
  const target = { address: lab.victimAddress4, port: PORT };
  const one = await lab.hold({
    behaviour: "silent",
    count: 1,
    sources: [from],
    target,
    connectTimeoutMs: 700,
  });
  const { opened } = one;
  await one.stop();
  return opened === 1;
}

describe("the verbs against a daemon that guards", { skip: skipReason() }, () => {
  let at: DaemonLab;
  const done = (...args: string[]): Promise<DoneDocument> => at.place.json<DoneDocument>(...args);

  before(async () => {
    at = await DaemonLab.open();
    // Nobody is judged before it has held for long, so every ban was made by hand.
    const listeners = [{ ...SIP, limits: { ...(SIP["limits"] as object), speakWithin: "50s" } }];
    await at.place.start({ args: ["--enforce"], configuration: { listeners } });
  });
  after(() => at?.[Symbol.asyncDispose]());

  test("ban takes addresses, networks and IPv6 as its /64, with term, listener and any reason, and evicts", async () => {
    const { lab, place } = at;
    const source = at.address();
    await at.hoard(7, source);
    const reason = "it's $(reboot); \"}\\ { drop } ünï";
    const [first, wide, six] = await Promise.all([
      done("ban", source, "--for", "2h", "--reason", reason),
      done("ban", "198.51.100.77/24", "--listener", "sip"),
      done("ban", "2001:db8:77::1234"),
    ]);
    assert.deepEqual(first, { schema: 1, done: [{ source, changed: true, evicted: 7 }], failed: [] });
    assert.deepEqual(
      wide.done.map((one) => one.source),
      ["198.51.100.0/24"],
    );
    assert.deepEqual(
      six.done.map((one) => one.source),
      ["2001:db8:77::/64"],
    );
    assert.equal(await held(lab, source), 0);
    const listing = await ruleset(lab);
    for (const words of [
      // On its way to the kernel a term loses some milliseconds.
      new RegExp(`${source.replaceAll(".", "\\.")} counter [^,]*timeout (2h|1h59m5\\ds)`),
      /set ban4_24_sip \{[^}]*198\.51\.100\.0 /,
      /set ban6_64_all \{[^}]*2001:db8:77:: /,
    ])
      assert.match(listing, words);
    const counted = async (): Promise<boolean> =>
      (await place.client.read("bans")).bans.find((one) => one.source === source)!.evicted > 0;
    await until(counted, { what: "the evictions to be counted", ...SOON });
    const { bans } = await place.json<BansDocument>("bans");
    const ban = bans.find((one) => one.source === source)!;
    assert.deepEqual(
      [ban.reason, ban.kind, ban.rule, ban.listener, ban.evicted],
      [reason, "ban", "operator", null, 7],
    );
    assert.equal(Date.parse(ban.until) - Date.parse(ban.since), 7_200_000);
  });

  test("bans counts the packets of a banned source that tries again", async () => {
    const { place } = at;
    const source = at.address();
    await done("ban", source);
    const packets = async (): Promise<number | null> =>
      (await place.client.read("bans")).bans.find((one) => one.source === source)!.packets;
    assert.equal(await packets(), 0);
    assert.equal(await connects(at.lab, source), false);
    const first = (await packets())!;
    assert.ok(first > 0);
    assert.equal(await connects(at.lab, source), false);
    assert.ok((await packets())! > first);
  });

  test("unban lets the named sources in again, by any of their addresses, and --all everybody", async () => {
    const { lab } = at;
    const source = at.address();
    await done("ban", source);
    assert.equal(await connects(lab, source), false);
    assert.deepEqual((await done("unban", source, "192.0.2.250")).done, [
      { source, changed: true },
      { source: "192.0.2.250", changed: false },
    ]);
    assert.equal(await connects(lab, source), true);
    assert.deepEqual((await done("unban", "2001:db8:77::9")).done, [
      { source: "2001:db8:77::/64", changed: true },
    ]);
    assert.ok((await done("unban", "--all")).done.length >= 2);
    assert.deepEqual(await refused(lab), { bans: [], caps: [] });
    assert.deepEqual((await done("unban", "--all")).done, []);
  });

  test("nobody bans this host, its gateway, or a network that they are in", async () => {
    const { lab } = at;
    const before = counterless(await ruleset(lab));
    for (const source of [
      lab.victimAddress4,
      lab.victimAddress6,
      "127.0.0.1",
      "::1",
      "198.18.0.0/24",
      "0.0.0.0/0",
      "::/0",
      "2001:2::/48",
      "198.18.0.1",
    ]) {
      const { code, stdout } = await at.place.verb("ban", source, "--json");
      assert.equal(code, 1, `${source}: ${stdout}`);
      const { failed } = JSON.parse(stdout) as DoneDocument;
      assert.match(failed[0]?.error ?? "", /not banned|everybody/, source);
    }
    assert.equal(counterless(await ruleset(lab)), before);
    const { allow } = await at.place.json<AllowlistDocument>("allowlist");
    assert.ok(allow.some(({ source, from }) => source === lab.victimAddress4 && from === "protected"));
  });

  test("evict destroys a source's connections and lets it come back; explain knows who holds how many", async () => {
    const { lab, place } = at;
    const source = at.address();
    await at.hoard(12, source);
    const known = await place.json<ExplainDocument>("explain", source);
    assert.deepEqual(
      known.connections.map(({ listener, connections }) => [listener, connections]),
      [["sip", 12]],
    );
    assert.deepEqual((await done("evict", source)).done, [{ source, changed: true, evicted: 12 }]);
    assert.equal(await held(lab, source), 0);
    assert.equal(await connects(lab, source), true);
    const unknown = await place.json<ExplainDocument>("explain", "203.0.113.200");
    assert.deepEqual([unknown.connections, unknown.matches, unknown.standing], [[], [], []]);
    const own = await place.json<ExplainDocument>("explain", lab.victimAddress4);
    assert.match(own.matches[0]?.would ?? "", /nothing, ever/);
  });

  test("status --nagios has a state, words and numbers", async () => {
    const { code, stdout } = await at.place.verb("status", "--nagios");
    assert.equal(code, 0, stdout);
    assert.match(stdout, /^SOCKWARDEN OK - .*'sip connections'=\d+;;;0;2000/);
    const { listeners, mode } = await at.place.json<StatusDocument>("status");
    assert.deepEqual([mode, listeners[0]?.slots], ["enforce", 2000]);
  });

  test("an unknown listener's name is refused, and the known names are told", async () => {
    const { code, stderr } = await at.place.verb("ban", "192.0.2.1", "--listener", "smtp");
    assert.equal(code, 1);
    assert.match(stderr, /^sockwarden: no listener is called smtp; accepted: sip\n$/);
  });

  test("1 000 calls of strangers change nothing in the kernel, and the daemon lives", async () => {
    const { lab, place } = at;
    const before = counterless(await ruleset(lab));
    const to = { socketPath: place.socket };
    const targets = fc.constantFrom(
      "/v1/bans",
      "/v1/allowlist",
      "/v1/evict",
      "/v1/reload?x=1",
      "/v1/unknown",
    );
    const source = fc.oneof(
      fc.string({ unit: "binary", maxLength: 60 }),
      fc.constantFrom(
        "0.0.0.0/0",
        "127.0.0.1",
        "192.0.2.1; flush ruleset",
        "$(reboot)",
        "1.2.3.4/99",
        "::/129",
        "",
      ),
    );
    const body = fc.oneof(
      fc.record({ sources: fc.array(source, { maxLength: 5 }), for: fc.string(), reason: fc.string() }),
      fc.record({ source, connectionsPerSource: fc.oneof(fc.double(), fc.string()) }),
      fc.json(),
      fc.anything(),
    );
    const methods = fc.constantFrom("GET", "POST", "DELETE", "PUT", "PATCH", "HEAD");
    await fc.assert(
      fc.asyncProperty(methods, targets, body, async (method, target, json) => {
        const { status } = await ask(to, method, target, { json: JSON.stringify(json) ?? null });
        assert.ok(status < 500 || status === 503, `${method} ${target} ${JSON.stringify(json)}: ${status}`);
      }),
      { numRuns: RUNS },
    );
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.boolean(), async (bytes, plausible) => {
        const head = plausible
          ? "POST /v1/bans HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
          : "";
        await askRaw(place.socket, Buffer.concat([Buffer.from(head), bytes, Buffer.from(" \0\r\n\r\n")]));
      }),
      { numRuns: RUNS },
    );
    assert.equal(counterless(await ruleset(lab)), before);
    assert.deepEqual((await place.client.read("status")).health, []);
    assert.equal(place.log().match(/ error /g), null, place.log());
  });
});

describe("the allowlist and the judge", { skip: skipReason() }, () => {
  let at: DaemonLab;

  before(async () => {
    at = await DaemonLab.open();
    await at.place.start({ args: ["--enforce"] });
  });
  after(() => at?.[Symbol.asyncDispose]());

  test("an allowed hoarder is let be, one with a limit is cut to it, and a source taken off the list is judged again", async () => {
    const { lab, place } = at;
    const [free, limited] = [at.address(), at.address()];
    await place.json("allow", free, "--reason", "our own probe");
    await place.json("allow", limited, "--limit", "15");
    await Promise.all([at.hoard(40, free), at.hoard(40, limited)]);
    await until(async () => (await held(lab, limited)) <= 15, { what: "the limit to be kept", ...SOON });
    assert.equal(await held(lab, free), 40);
    assert.equal(await isBanned(lab, free), false);
    const { allow } = await place.json<AllowlistDocument>("allowlist");
    assert.deepEqual(
      allow
        .filter(({ from }) => from === "operator")
        .map(({ source, connectionsPerSource, reason }) => [source, connectionsPerSource, reason]),
      [
        [free, null, "our own probe"],
        [limited, 15, null],
      ],
    );
    assert.match((await place.verb("ban", free)).stderr, /not banned: our own probe/);
    assert.match(
      (await place.json<ExplainDocument>("explain", free)).matches[0]?.would ?? "",
      /nothing, ever/,
    );
    await place.json("disallow", free);
    await until(() => isBanned(lab, free), { what: "the ban", ...SOON });
    await until(async () => (await held(lab, free)) === 0, { what: "the eviction", ...SOON });
  });

  test("nobody allows everybody by a slip of the hand", async () => {
    for (const everybody of ["0.0.0.0/0", "::/0"]) {
      const { done, failed } = await at.place.client.allow({ source: everybody });
      assert.deepEqual([done.length, failed.length], [0, 1], everybody);
      assert.match(failed[0]!.error, /everybody/);
    }
  });

  test("allow lifts the ban of a source and of a network around it", async () => {
    const { lab, place } = at;
    await place.client.ban({ sources: ["198.51.100.0/24", "203.0.113.5"] });
    await place.json("allow", "198.51.100.20");
    await place.json("allow", "203.0.113.0/24");
    assert.deepEqual(
      (await refused(lab)).bans.filter((ban) => /^(198|203)/.test(ban)),
      [],
    );
  });

  test("explain says of a hoarder what will be done before it is, and of a banned one why", async () => {
    const { lab, place } = at;
    // Long enough to ask; a new hoarder may still speak.
    const waits = { ...SIP, limits: { ...(SIP["limits"] as object), speakWithin: "3s" } };
    place.configure({ mode: "enforce", listeners: [waits] });
    assert.equal((await place.client.reload()).ok, true);
    const source = at.address();
    await at.hoard(40, source);
    const before = await place.client.explain(source);
    assert.equal(before.connections[0]?.connections, 40);
    await until(() => isBanned(lab, source), { what: "the ban", ...SOON });
    await until(async () => (await held(lab, source)) === 0, { what: "the eviction", ...SOON });
    const { ban } = await place.json<ExplainDocument>("explain", source);
    assert.deepEqual([ban?.kind, ban?.rule, ban?.source], ["ban", "unproven-per-source", source]);
    assert.match(ban!.reason, /40/);
    await until(async () => (await place.client.explain(source)).ban!.evicted >= 40, {
      what: "the evictions to be counted",
      ...SOON,
    });
  });
});

function counterless(listing: string): string {
  return listing.replaceAll(/expires \w+|packets \d+ bytes \d+/g, "");
}
