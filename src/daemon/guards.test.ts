// All guards as one, on guards that answer from a table.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ServiceError } from "../api/index.ts";
import type { Config } from "../config/index.ts";
import type { AnswerOf, AskOf, RequestName } from "../guard/index.ts";
import { type Ban, formatNetwork, type ListenerPolicy, parseNetwork } from "../model/index.ts";
import { GuardError } from "./guard-thread.ts";
import { type AskedGuard, Guards, namespacesOf } from "./guards.ts";

type Answers = { readonly [Name in RequestName]?: AnswerOf<Name> | Error };

const network = (text: string) => parseNetwork(text)!;

function banOf(source: string, different: Partial<Ban> = {}): Ban {
  const words = { reason: "a test", rule: "operator" } as const;
  return {
    source: network(source),
    listener: null,
    kind: "ban",
    since: 0,
    until: 1000,
    ...words,
    ...different,
  };
}

/** Guards that give these answers, one a namespace, and the requests that they got. */
function guardsOf(...all: readonly Answers[]) {
  const asked: { netns: string | null; name: RequestName; ask: AskOf<RequestName> }[] = [];
  const stopped: string[] = [];
  const threads = all.map((answers, i): AskedGuard => {
    const netns = i === 0 ? null : `ns${i}`;
    return {
      netns,
      ready: () => Promise.resolve(),
      async ask<Name extends RequestName>(name: Name, ask: AskOf<Name>): Promise<AnswerOf<Name>> {
        asked.push({ netns, name, ask });
        const answer = answers[name];
        if (answer instanceof Error) throw answer;
        return answer as AnswerOf<Name>;
      },
      async stop() {
        stopped.push(netns ?? "here");
        if (answers.stop instanceof Error) throw answers.stop;
      },
    };
  });
  return { asked, stopped, guards: new Guards(threads) };
}

test("evictions of one source are added up over all guards", async () => {
  const { guards } = guardsOf(
    { ban: [{ source: network("192.0.2.1"), evicted: 3 }], evict: 4 },
    {
      ban: [
        { source: network("192.0.2.1"), evicted: 2 },
        { source: network("192.0.2.2"), evicted: 1 },
      ],
      evict: 5,
    },
  );
  const told = (await guards.ban([])).map(({ source, evicted }) => [formatNetwork(source), evicted]);
  assert.deepEqual(told, [
    ["192.0.2.1", 5],
    ["192.0.2.2", 1],
  ]);
  assert.equal(await guards.evict(network("192.0.2.1"), null), 9);
});

test("a ban that all guards hold is one, lifted once, with the packets of all", async () => {
  const [every, sip] = [banOf("192.0.2.1"), banOf("192.0.2.1", { listener: "sip" })];
  const { guards } = guardsOf(
    { unban: [every, sip], bans: [{ ban: every, packets: 7 }] },
    {
      unban: [every],
      bans: [
        { ban: every, packets: 5 },
        { ban: sip, packets: null },
      ],
    },
  );
  assert.deepEqual(await guards.unban("all"), [every, sip]);
  assert.deepEqual(await guards.bans(), [
    { ban: every, packets: 12 },
    { ban: sip, packets: null },
  ]);
});

test("a number that no guard counts is unknown, and one guard's count is kept", async () => {
  const ban = banOf("192.0.2.1");
  const uncounted = [{ ban, packets: null }];
  assert.deepEqual(await guardsOf({ bans: uncounted }, { bans: uncounted }).guards.bans(), uncounted);
  const counted = [{ ban, packets: 4 }];
  assert.deepEqual(await guardsOf({ bans: counted }, { bans: uncounted }).guards.bans(), counted);
});

test("the census is as old as the oldest scan, with the listeners of all", async () => {
  const listeners = ["sip", "web"].map((name) => ({ name }) as never);
  const { guards } = guardsOf(
    { census: { takenAt: 2000, listeners: [listeners[0]!] } },
    { census: { takenAt: 1000, listeners: [listeners[1]!] } },
    { census: { takenAt: null, listeners: [] } },
  );
  assert.deepEqual(await guards.census(5), { takenAt: 1000, listeners });
  const { guards: none } = guardsOf({ census: { takenAt: null, listeners: [] } });
  assert.deepEqual(await none.census(5), { takenAt: null, listeners: [] });
});

test("an explanation joins the answers of all guards", async () => {
  const part = (name: string) => ({ connections: [name], standings: [name], matches: [name] }) as never;
  const { guards } = guardsOf({ explain: part("a") }, { explain: part("b") });
  const { connections, standings, matches } = await guards.explain(network("192.0.2.1"));
  assert.deepEqual(
    [connections, standings, matches],
    [
      ["a", "b"],
      ["a", "b"],
      ["a", "b"],
    ],
  );
});

test("a refusal by one guard waits for the others, and one by the world is an answer for people", async () => {
  const timeout = new GuardError("timeout", "the guard has not answered within 30 s");
  const { asked, guards } = guardsOf({ alive: timeout }, { alive: null });
  await assert.rejects(
    guards.alive(),
    (error) => error instanceof ServiceError && error.message === timeout.message,
  );
  assert.equal(asked.length, 2);
  const mistake = new GuardError("failed", "cannot read properties of undefined");
  await assert.rejects(guardsOf({ alive: mistake }).guards.alive(), mistake);
});

test("stopping stops all guards even if one fails, and then says so", async () => {
  const failed = new GuardError("timeout", "late");
  const { stopped, guards } = guardsOf({ stop: failed }, {});
  await assert.rejects(guards.stop({ keep: true }), failed);
  assert.deepEqual(stopped, ["here", "ns1"]);
});

function configOf(...netns: readonly (string | null)[]): Config {
  const listeners = netns.map((of, i): Partial<ListenerPolicy> => {
    const selector = { ports: [i + 1], process: null, address: null, netns: of };
    return { name: `listener${i}`, selector: selector as ListenerPolicy["selector"] };
  });
  return {
    listeners,
    sources: { ipv4: 32, ipv6: 64 },
    ban: { firstMs: 1, factor: 2, maxMs: 3, action: "drop" },
    enforce: { backend: "ipset", fence: true, evictPerSecond: 7, onStop: "remove" },
    scan: { everyMs: 5000, cpuBudget: 0.05 },
  } as Partial<Record<keyof Config, unknown>> as Config;
}

test("there is a guard for every namespace that a listener is in, and one where none is configured", () => {
  assert.deepEqual(namespacesOf(configOf(null, "blue", null, "blue"), null), [null, "blue"]);
  assert.deepEqual(namespacesOf(configOf(null, "blue"), "red"), ["red", "blue"]);
  assert.deepEqual(namespacesOf({ ...configOf(), listeners: null }, "red"), ["red"]);
});

test("each guard is configured with its own listeners, and enforces only what is asked for", async () => {
  const { asked, guards } = guardsOf({ configure: null }, { configure: null });
  const config = configOf(null, "ns1");
  const configured = async (options: { readonly config: Config; readonly enforces: boolean }) => {
    asked.length = 0;
    await guards.configure({ ...options, netns: null, allow: [], bans: null });
    return asked.map(({ ask }) => (ask as AskOf<"configure">).settings);
  };
  const [here, there] = await configured({ config, enforces: true });
  assert.deepEqual(
    [here!, there!].map(({ policies, backend }) => [policies!.map(({ name }) => name), backend]),
    [
      [["listener0"], "ipset"],
      [["listener1"], "ipset"],
    ],
  );
  assert.deepEqual([here!.evictPerSecond, here!.everyMs, here!.terms.maxMs], [7, 5000, 3]);
  const [observing] = await configured({ config, enforces: false });
  assert.equal(observing!.backend, "observe");
  const [all] = await configured({ config: { ...config, listeners: null }, enforces: true });
  assert.deepEqual([all!.policies, all!.backend], [null, "observe"]);
});
