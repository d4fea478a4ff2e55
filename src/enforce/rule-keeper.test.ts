import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { BackendName } from "../model/index.ts";
import { BackendError } from "./backend-error.ts";
import { RuleKeeper, type RuleSettings } from "./rule-keeper.ts";
import type { PlacedListener } from "./spec.ts";
import { FakeBackend } from "./testing/fake-backend.ts";
import { banText, fakeBan, NOW } from "./testing/values.ts";

const HOUR_MS = 3_600_000;
const BAN = fakeBan("203.0.113.9");

function placed(name: string, ...ports: readonly number[]): PlacedListener {
  const limits = { connectionsPerSource: null, newPerSource: null };
  const selector = { ports, process: null, address: null, netns: null };
  return {
    name,
    policy: { selector, limits } as unknown as PlacedListener["policy"],
    endpoints: [],
  };
}

const SIP = placed("sip", 5060);

function settings(backend: BackendName = "nftables"): RuleSettings {
  return { backend, prefixes: { ipv4: 32, ipv6: 64 }, action: "drop", fence: false, allow: [] };
}

/** A keeper on a backend that writes its calls down. Each name opens a backend of its own. */
function keeping(listeners: readonly PlacedListener[] = [SIP]) {
  const opened = new Map<BackendName, FakeBackend>();
  const open = (name: BackendName): FakeBackend => {
    const backend = new FakeBackend(name);
    opened.set(name, backend);
    return backend;
  };
  const keeper = new RuleKeeper(settings(), open);
  const backend = opened.get("nftables")!;
  return { keeper, backend, opened, follow: () => keeper.follow(listeners, [BAN], NOW) };
}

const refused = (text: string): BackendError => new BackendError("refused", "set up", text);

describe("follow()", () => {
  test("sets the rules up for the listeners' places, and loads the bans", () => {
    const { keeper, backend } = keeping();
    keeper.follow([SIP, placed("web", 80, 443)], [BAN, fakeBan("192.0.2.1", { listener: "web" })], NOW);
    assert.deepEqual(backend.calls, ["setUp sip:5060,web:80+443", "add ban 203.0.113.9 *,ban 192.0.2.1 web"]);
  });

  test("does nothing while the listeners stay where they are", () => {
    const { backend, follow } = keeping();
    for (let i = 0; i < 5; i++) follow();
    assert.equal(backend.calls.length, 2);
  });

  test("sets up anew when a listener moves, and keeps the bans that stand", () => {
    const { keeper, backend, follow } = keeping();
    follow();
    keeper.follow([placed("sip", 5060, 5062)], [BAN], NOW + 1000);
    assert.deepEqual(backend.calls.slice(2), ["setUp sip:5060+5062"]);
  });

  test("leaves out bans of absent listeners", () => {
    const { keeper, backend } = keeping();
    keeper.follow([SIP], [BAN, fakeBan("192.0.2.1", { listener: "elsewhere" })], NOW);
    assert.equal(backend.calls.at(-1), "add ban 203.0.113.9 *");
  });

  test("tells the same refusal until the next try is due, and waits longer before each try", () => {
    const { keeper, backend } = keeping();
    backend.broken.set("setUp", refused("no such thing"));
    const tries: number[] = [];
    for (let ms = 0; ms <= 4000; ms += 50) {
      const before = backend.calls.length;
      assert.throws(() => keeper.follow([SIP], [], NOW + ms), /no such thing/);
      if (backend.calls.length > before) tries.push(ms);
    }
    assert.deepEqual(tries, [0, 400, 1200, 2000, 2800, 3600]);
    backend.broken.clear();
    keeper.follow([SIP], [BAN], NOW + 4400);
    assert.deepEqual(backend.calls.slice(-2), ["setUp sip:5060", "add ban 203.0.113.9 *"]);
  });
});

describe("restore()", () => {
  test("is due five times a second, once the listeners are known", () => {
    const { keeper, follow } = keeping();
    assert.equal(keeper.isDue(NOW), false);
    follow();
    assert.equal(keeper.isDue(NOW + 199), false);
    assert.equal(keeper.isDue(NOW + 200), true);
    assert.equal(keeper.restore([BAN], NOW + 200), null);
    assert.equal(keeper.isDue(NOW + 399), false);
  });

  test("a clock that was set back does not stop it", () => {
    const { keeper, follow } = keeping();
    follow();
    assert.equal(keeper.isDue(NOW - HOUR_MS), true);
  });

  test("leaves everything alone while nobody changed anything", () => {
    const { keeper, backend, follow } = keeping();
    follow();
    backend.calls.length = 0;
    assert.equal(keeper.restore([BAN], NOW + 200), null);
    assert.deepEqual(backend.calls, []);
  });

  test("brings back bans that somebody else took out, and says how many", () => {
    const { keeper, backend, follow } = keeping();
    follow();
    backend.held.clear();
    backend.changed = true;
    backend.calls.length = 0;
    assert.equal(keeper.restore([BAN, fakeBan("192.0.2.1")], NOW + 200), 2);
    assert.deepEqual(backend.calls, ["setUp sip:5060", "add ban 203.0.113.9 *,ban 192.0.2.1 *"]);
    backend.changed = true;
    assert.equal(
      keeper.restore([BAN, fakeBan("192.0.2.1")], NOW + 400),
      0,
      "somebody changed something of their own",
    );
  });

  test("takes out bans that should not be in the kernel", () => {
    const { keeper, backend, follow } = keeping();
    follow();
    backend.add([fakeBan("198.51.100.1")], NOW);
    backend.changed = true;
    keeper.restore([BAN], NOW + 200);
    assert.deepEqual([...backend.held.values()].map(banText), ["ban 203.0.113.9 *"]);
  });

  test("a failed change of ours is tried again, and is not told as somebody else's", () => {
    const { keeper, backend, follow } = keeping();
    backend.broken.set("setUp", refused("busy"));
    assert.throws(follow, /busy/);
    assert.throws(() => keeper.restore([BAN], NOW + 400), /busy/);
    backend.broken.clear();
    assert.equal(keeper.restore([BAN], NOW + 1200), null);
    assert.equal(backend.held.size, 1);
    assert.equal(keeper.isDue(NOW + 1400), true, "and then it is asked as often as before");
  });

  test("renews bans every twelve hours, since the kernel holds them for 24 days at most", () => {
    const { keeper, backend } = keeping();
    const long = fakeBan("203.0.113.9", { until: NOW + 100 * 24 * HOUR_MS });
    keeper.follow([SIP], [long], NOW);
    backend.calls.length = 0;
    keeper.restore([long], NOW + 11 * HOUR_MS);
    assert.deepEqual(backend.calls, []);
    backend.nowMs = long.until - 24 * 24 * HOUR_MS;
    keeper.restore([long], NOW + 12 * HOUR_MS);
    assert.deepEqual(backend.calls, ["add ban 203.0.113.9 *"]);
  });
});

describe("add() and remove()", () => {
  test("a refused ban is thrown, the others stand, and all are set up again", () => {
    const { keeper, backend, follow } = keeping();
    follow();
    backend.refused.add("192.0.2.1");
    assert.throws(() => keeper.add([fakeBan("192.0.2.1"), fakeBan("192.0.2.2")], NOW), /192\.0\.2\.1/);
    assert.equal(backend.held.size, 2);
    backend.refused.clear();
    backend.calls.length = 0;
    assert.equal(keeper.restore([BAN, fakeBan("192.0.2.1"), fakeBan("192.0.2.2")], NOW + 200), null);
    assert.deepEqual(backend.calls, ["setUp sip:5060", "add ban 192.0.2.1 *"]);
  });

  test("if the rules do not stand, the error tells why", () => {
    const { keeper, backend, follow } = keeping();
    backend.broken.set("setUp", refused("there is no nft"));
    assert.throws(follow, /there is no nft/);
    backend.broken.set("add", refused("the set is not there"));
    assert.throws(() => keeper.add([BAN], NOW), /there is no nft/);
  });

  test("a removal leaves out bans of absent listeners", () => {
    const { keeper, backend, follow } = keeping();
    follow();
    keeper.remove([BAN, fakeBan("192.0.2.1", { listener: "elsewhere" })]);
    assert.equal(backend.calls.at(-1), "remove ban 203.0.113.9 *");
    assert.equal(keeper.list().length, 0);
  });
});

describe("configure()", () => {
  test("the same backend keeps what it holds, and is set up at the next scan", () => {
    const { keeper, backend, follow } = keeping();
    follow();
    backend.calls.length = 0;
    keeper.configure({ ...settings(), action: "reject" });
    assert.deepEqual(backend.calls, []);
    follow();
    assert.deepEqual(backend.calls, ["setUp sip:5060"]);
    assert.equal(backend.specs.at(-1)!.action, "reject");
  });

  test("another backend takes over, and leaves nothing of the first", () => {
    const { keeper, backend, opened, follow } = keeping();
    follow();
    keeper.configure(settings("ipset"));
    assert.deepEqual(backend.calls.slice(-2), ["tearDown", "dispose"]);
    follow();
    assert.deepEqual(opened.get("ipset")!.calls, ["setUp sip:5060", "add ban 203.0.113.9 *"]);
  });

  test("the old backend stays in force if the new one cannot be opened", () => {
    const backend = new FakeBackend("nftables");
    const keeper = new RuleKeeper(settings(), (name) => {
      if (name !== "nftables") throw new BackendError("unavailable", "open ip_set", "no such module");
      return backend;
    });
    keeper.follow([SIP], [BAN], NOW);
    assert.throws(() => keeper.configure(settings("ipset")), /no such module/);
    assert.deepEqual(keeper.list().map(banText), ["ban 203.0.113.9 *"]);
    assert.ok(!backend.calls.includes("tearDown"));
  });

  test("an old backend that cannot be torn down is let go all the same, and told", () => {
    const { keeper, backend, opened, follow } = keeping();
    follow();
    backend.broken.set("tearDown", refused("still used"));
    assert.throws(() => keeper.configure(settings("ipset")), /still used/);
    assert.equal(backend.calls.at(-1), "dispose");
    follow();
    assert.equal(opened.get("ipset")!.calls.length, 2);
  });
});

test("tearDown() and disposal are the backend's", () => {
  const { keeper, backend } = keeping();
  keeper.tearDown();
  keeper[Symbol.dispose]();
  assert.deepEqual(backend.calls, ["tearDown", "dispose"]);
});
