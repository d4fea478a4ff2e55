// The loop on fake parts: the order of its work, and its answer to a part that fails, is slow, or lies.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { formatNetwork } from "../model/index.ts";
import { FakeRefusal, fakeBan, fakeSettings, LIMIT, START, World } from "./fakes.ts";
import type { GuardHealth, News } from "./news.ts";

const HOARDER = "203.0.113.9";

function healthOf(news: readonly News[]): string[] {
  return news.flatMap(({ health }) => health.map(healthText));
}

function healthText({ code, severity, text }: GuardHealth): string {
  return `${code} ${text === null ? "well" : `${severity}: ${text}`}`;
}

const evictedOf = (news: readonly News[]): number =>
  news.flatMap(({ evictions }) => evictions).reduce((sum, { count }) => sum + count, 0);

describe("a scan", () => {
  test("bans before it evicts, verifies 50 ms later, and then rests", () => {
    const world = new World();
    world.held.set(HOARDER, LIMIT + 1);
    const news = world.run(2000);
    const changes = world.names().filter((name) => /^(add|evict|tap)/.test(name));
    assert.deepEqual(changes, [`add ${HOARDER}`, `evict ${HOARDER}`, "tap", "tap"]);
    assert.deepEqual(world.times("scan"), [0, 50]);
    assert.equal(world.held.size, 0);
    assert.deepEqual(
      news.flatMap(({ bans }) => bans.map(({ source, rule }) => `${formatNetwork(source)} ${rule}`)),
      [`${HOARDER} unproven-per-source`],
    );
    assert.equal(evictedOf(news), LIMIT + 1);
    assert.deepEqual(healthOf(news), []);
  });

  test("tells what it saw, with the listeners' sums and the bans that stand", () => {
    const world = new World({
      remembered: { bans: [fakeBan("192.0.2.1"), fakeBan("192.0.2.2", { kind: "cap" })] },
    });
    for (let i = 1; i <= 7; i++) world.held.set(`10.0.0.${i}`, i);
    world.pressure = "tight";
    const [{ scanned, observes, scans }] = world.run(0) as [News];
    assert.deepEqual([observes, scans, scanned!.at, scanned!.sockets], [false, 1, START, 28]);
    assert.deepEqual([scanned!.bans, scanned!.caps, scanned!.losses], [1, 1, 3]);
    const [seen] = scanned!.listeners;
    assert.deepEqual(seen!.largest, [7, 6, 5, 4, 3], "of the largest five sources");
    assert.deepEqual(
      [seen!.name, seen!.pressure, seen!.connections, seen!.sources, seen!.used, seen!.slots],
      ["sip", "tight", 28, 7, 28, 100],
    );
  });

  test("tells the schedule what it cost, judging included, and under which pressure", () => {
    const world = new World();
    world.slow.set("judge", 30);
    world.pressure = "critical";
    world.run(0);
    const [{ costMs, pressure, opens, census }] = world.scansTold as [(typeof world.scansTold)[0]];
    assert.deepEqual([costMs, pressure, opens, census.takenAt], [32, "critical", 1, START]);
  });

  test("hands the census and the judgement to the tap, last of all", () => {
    const seen: string[] = [];
    const world = new World({
      tap: ({ takenAt, sockets }, { plan }) => seen.push(`${takenAt - START} ${sockets} ${plan.bans.length}`),
    });
    world.held.set(HOARDER, LIMIT + 1);
    world.run(60);
    assert.deepEqual(seen, ["0 21 1", "50 0 0"]);
    assert.equal(world.names().at(-1), "tap");
  });

  test("asks the judge with the present terms, allowlist and protected addresses", () => {
    const allow = [{ network: fakeBan("192.0.2.7").source, reason: null, connectionsPerSource: null }];
    const world = new World({ settings: { allow } });
    const { terms, exemptions } = world.guard.judging(START);
    assert.equal(terms.firstMs, 600_000);
    assert.equal(exemptions.allow, allow);
    assert.deepEqual(exemptions.protected.map(formatNetwork), ["192.0.2.254"]);
  });
});

describe("a part that fails", () => {
  for (const part of ["scan", "judge", "protected"] as const) {
    test(`${part}: is told once a try, the scan is tried again, and then it is well`, () => {
      const world = new World();
      world.broken.set(part, new Error(`no ${part}`));
      world.held.set(HOARDER, LIMIT + 1);
      assert.deepEqual([...new Set(healthOf(world.run(500)))], [`scan critical: no ${part}`]);
      assert.equal(world.kernel.size, 0);
      world.broken.delete(part);
      assert.deepEqual(healthOf(world.run(500)), ["scan well"]);
      assert.equal(world.kernel.size, 1);
      assert.equal(world.held.size, 0);
    });
  }

  test("a ban that the kernel refuses does not keep the eviction from being carried out", () => {
    const world = new World();
    world.broken.set("add", new Error("no room"));
    world.held.set(HOARDER, LIMIT + 1);
    const news = world.run(40);
    assert.deepEqual(healthOf(news), ["ban critical: no room"]);
    assert.equal(world.held.size, 0);
    world.broken.delete("add");
    assert.deepEqual(healthOf(world.run(300)), ["ban well"], "once the rules stand, all bans stand in them");
  });

  test("an eviction that is refused leaves the ban standing, and is tried again", () => {
    const world = new World();
    world.broken.set("evict", new Error("it takes CAP_NET_ADMIN"));
    world.held.set(HOARDER, LIMIT + 1);
    assert.deepEqual(healthOf(world.run(40)), ["evict critical: it takes CAP_NET_ADMIN"]);
    assert.equal(world.kernel.size, 1);
    world.broken.delete("evict");
    assert.deepEqual(healthOf(world.run(100)), ["evict well"]);
    assert.equal(world.held.size, 0);
  });

  test("without triggers it scans by the clock, and verifies in time", () => {
    const world = new World();
    world.broken.set("triggers", new Error("no counter"));
    const news = world.run(11_000);
    assert.deepEqual(world.times("scan"), [0, 5000, 10_000]);
    assert.equal(healthOf(news)[0], "triggers critical: no counter");
    world.held.set(HOARDER, LIMIT + 1);
    world.calls.length = 0;
    world.run(6000);
    const [found, verified] = world.times("scan");
    assert.equal(verified! - found!, 50);
    world.broken.delete("triggers");
    assert.deepEqual(healthOf(world.run(100)), ["triggers well"]);
  });

  test("triggers that fail from the start are read again after a pause, not in a storm", () => {
    const world = new World();
    world.broken.set("triggers", new Error("no counter"));
    world.guard.tick();
    assert.equal(world.guard.nextTickInMs(), 100);
    world.run(1000);
    assert.equal(world.times("triggers").length, 12);
  });

  test("a tap that throws stops nothing", () => {
    const world = new World();
    world.broken.set("tap", new Error("the disk is full"));
    world.held.set(HOARDER, LIMIT + 1);
    const news = world.run(6000);
    assert.deepEqual(world.times("scan"), [0, 50, 5050]);
    assert.equal(world.held.size, 0);
    assert.deepEqual([...new Set(healthOf(news))], ["tap critical: the disk is full"]);
    world.broken.delete("tap");
    assert.deepEqual(healthOf(world.run(5000)), ["tap well"]);
  });

  test("two at once are two health items, and each is well by itself", () => {
    const world = new World();
    world.broken.set("add", new Error("no room"));
    world.broken.set("follow", new Error("no table"));
    world.broken.set("restore", new Error("no table"));
    world.broken.set("evict", new Error("not today"));
    world.held.set(HOARDER, LIMIT + 1);
    const told = new Set(healthOf(world.run(60)));
    assert.deepEqual(
      told,
      new Set(["rules critical: no table", "ban critical: no room", "evict critical: not today"]),
    );
    world.broken.delete("evict");
    assert.deepEqual(new Set(healthOf(world.run(100))), new Set(["evict well", "rules critical: no table"]));
    world.broken.clear();
    assert.deepEqual(healthOf(world.run(200)), ["rules well", "ban well"]);
  });

  test("a refusal for want of rights at the start is known as such; another is not", () => {
    const denied = new World();
    denied.broken.set("follow", new FakeRefusal("denied", "set up nftables: it takes CAP_NET_ADMIN"));
    denied.guard.tick();
    assert.equal(denied.guard.denied, "set up nftables: it takes CAP_NET_ADMIN");
    const refused = new World();
    refused.broken.set("follow", new FakeRefusal("refused", "syntax error"));
    refused.guard.tick();
    assert.equal(refused.guard.denied, null);
  });
});

describe("a part that is slow", () => {
  test("a scan of two seconds is followed by a tick after a pause, not by a storm", () => {
    const world = new World();
    world.slow.set("scan", 2000);
    world.held.set(HOARDER, LIMIT + 1);
    world.guard.tick();
    assert.equal(world.now - START, 2000);
    assert.equal(world.guard.nextTickInMs(), 20, "the verifying scan is overdue");
    world.now += 20;
    world.guard.tick();
    assert.deepEqual(world.times("scan"), [0, 2020]);
    assert.equal(world.guard.nextTickInMs(), 100, "nothing is left to verify");
  });

  test("a backend of half a second delays the eviction and loses nothing", () => {
    const world = new World();
    world.slow.set("add", 500);
    world.held.set(HOARDER, LIMIT + 1);
    assert.equal(evictedOf(world.run(0)), LIMIT + 1);
    assert.deepEqual(world.times("evict"), [500]);
    assert.equal(world.scansTold[0]!.costMs, 2, "carrying out is no part of what a scan costs");
  });
});

describe("a part that lies", () => {
  test("evictions that leave everything as it is are a health item after five scans, told once", () => {
    const world = new World();
    world.evictionsLie = true;
    world.held.set(HOARDER, LIMIT + 1);
    const early = world.run(240);
    assert.equal(world.times("scan").length, 5, "the ban's own scan, and four in vain");
    assert.deepEqual(healthOf(early), []);
    const late = healthOf(world.run(5000));
    assert.equal(late.length, 1);
    assert.match(late[0]!, /^eviction critical: banned sources still hold connections .* doctor --prove/);
  });

  test("it backs off, and goes back to 50 ms when evictions work again", () => {
    const world = new World();
    world.evictionsLie = true;
    world.held.set(HOARDER, LIMIT + 1);
    world.run(5000);
    const scans = world.times("scan");
    const waits = scans.slice(1).map((at, i) => at - scans[i]!);
    assert.deepEqual(waits.slice(0, 10), [50, 50, 50, 50, 50, 100, 200, 400, 800, 800]);
    world.evictionsLie = false;
    assert.deepEqual(healthOf(world.run(2000)), ["eviction well"]);
    assert.equal(world.held.size, 0);
    world.calls.length = 0;
    world.held.set("203.0.113.10", LIMIT + 1);
    world.dueAt = world.now;
    world.run(100);
    const [first, second] = world.times("scan");
    assert.equal(second! - first!, 50);
  });

  test("rules that somebody else took away are told as a finding, and not more often than worth telling", () => {
    const world = new World();
    const restored = (taken: number): string[] => {
      world.takenOut = taken;
      return world
        .run(100)
        .flatMap(({ findings }) => findings.map(({ severity, text }) => `${severity} ${text}`));
    };
    world.run(0);
    const words = "somebody else changed the kernel's rules: ours are set up again, and";
    assert.deepEqual(restored(2), [`warning ${words} 2 bans were brought back`]);
    assert.deepEqual(restored(1), [`warning ${words} 1 ban was brought back`]);
    assert.deepEqual(restored(0), [`notice ${words} 0 bans were brought back`]);
    assert.deepEqual(restored(0), [], "others change rules of their own all day long");
    world.now += 10 * 60_000;
    assert.equal(restored(0).length, 1);
  });
});

describe("in observe", () => {
  const observing = (): World => {
    const world = new World({ settings: { backend: "observe" } });
    world.held.set(HOARDER, LIMIT + 1);
    world.pressure = "critical";
    return world;
  };

  test("nothing is evicted, the same eviction is told once, and nothing is verified", () => {
    const world = observing();
    const news = world.run(16_000);
    assert.deepEqual(world.times("scan"), [0, 5000, 10_000, 15_000]);
    assert.equal(world.held.get(HOARDER), LIMIT + 1);
    assert.ok(news.every(({ observes }) => observes));
    assert.deepEqual(
      news.flatMap(({ evictions }) => evictions.map(({ rule, count }) => `${rule} ${count}`)),
      [`unproven-per-source ${LIMIT + 1}`, `banned ${LIMIT + 1}`],
    );
    assert.deepEqual(healthOf(news), []);
  });

  test("pressure asks for no scans beyond the budget", () => {
    const world = observing();
    world.run(0);
    assert.equal(world.scansTold[0]!.pressure, "calm");
  });

  test("a reload from enforce drops the evictions that were to be verified", () => {
    const world = new World();
    world.evictionsLie = true;
    world.held.set(HOARDER, LIMIT + 1);
    world.run(300);
    world.guard.ask("configure", { settings: fakeSettings({ backend: "observe" }), bans: [] });
    world.calls.length = 0;
    world.run(4000);
    assert.deepEqual(world.times("scan"), []);
  });
});

describe("a reload", () => {
  test("goes to the rules, takes the place of the bans, and scans at once", () => {
    const world = new World({ remembered: { bans: [fakeBan("192.0.2.1")] } });
    world.run(0);
    world.calls.length = 0;
    const bans = [fakeBan("192.0.2.2")];
    const settings = fakeSettings({ policies: null, backend: "ipset" });
    assert.equal(world.guard.ask("configure", { settings, bans }), null);
    assert.deepEqual(world.names().slice(0, 2), ["configure ipset", "scan of all"]);
    assert.deepEqual(
      [...world.guard.state.bans.values()].map(({ source }) => formatNetwork(source)),
      ["192.0.2.2"],
    );
  });

  test("leaves the bans as they are where none are given, and tells again what observe would do", () => {
    const world = new World({ settings: { backend: "observe" } });
    world.held.set(HOARDER, LIMIT + 1);
    world.run(0);
    const settings = fakeSettings({ backend: "observe" });
    world.guard.ask("configure", { settings, bans: null });
    assert.equal(evictedOf([world.guard.takeNews()!]), LIMIT + 1);
    world.guard.ask("configure", { settings, bans: null });
    assert.equal(evictedOf([world.guard.takeNews()!]), LIMIT + 1);
    assert.equal(world.guard.state.bans.size, 1);
  });

  test("is done even while parts fail, and the failures are told", () => {
    const world = new World();
    world.run(0);
    world.broken.set("configure", new FakeRefusal("unavailable", "there is no ipset"));
    world.broken.set("scan", new Error("no kernel"));
    world.guard.ask("configure", { settings: fakeSettings({ everyMs: 1000 }), bans: null });
    assert.deepEqual(healthOf([world.guard.takeNews()!]), [
      "backend critical: there is no ipset",
      "scan critical: no kernel",
    ]);
    assert.equal(world.guard.settings.everyMs, 1000);
    world.broken.clear();
    world.guard.ask("configure", { settings: fakeSettings(), bans: null });
    assert.deepEqual(healthOf([world.guard.takeNews()!]), ["backend well", "scan well"]);
  });
});
