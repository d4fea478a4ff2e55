// The changes of a reload, in the words of the files.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { changedKeys, restartKeys } from "./changes.ts";
import type { Config } from "./config.ts";
import { configDoubts } from "./doubts.ts";
import { readConfigText } from "./load.ts";
import { configPlaces } from "./places.ts";
import { allSettings } from "./walk.ts";

function config(text: string): Config {
  const loaded = readConfigText(text, "a.yaml", configPlaces(0, {}));
  assert.ok(loaded.ok, JSON.stringify(loaded));
  return loaded.config;
}

const SIP = "{ name: sip, ports: [5060], limits: { holdFor: 3m } }";

for (const [name, before, after, changed, restart] of [
  ["nothing", `listeners: [${SIP}]`, `mode: observe\nlisteners:\n  - ${SIP}`, [], []],
  ["a value", "ban: { first: 5m }", "ban: { first: 5m1s }", ["ban.first"], []],
  ["a default written out", "", "ban: { first: 600s }", [], []],
  [
    "a time of a listener",
    `listeners: [${SIP}]`,
    `listeners: [${SIP.replace("3m", "4m")}]`,
    ["listeners[sip].limits.holdFor"],
    [],
  ],
  [
    "a profile, and with it its times",
    "listeners: [{ name: a, ports: [1] }]",
    "listeners: [{ name: a, ports: [1], profile: sip }]",
    [
      "listeners[a].profile",
      "listeners[a].limits.speakWithin",
      "listeners[a].limits.silentFor",
      "listeners[a].limits.holdFor",
    ],
    [],
  ],
  [
    "the order of listeners",
    `listeners: [${SIP}, { name: b, ports: [2] }]`,
    `listeners: [{ name: b, ports: [2] }, ${SIP}]`,
    [],
    [],
  ],
  [
    "a listener added",
    `listeners: [${SIP}]`,
    `listeners: [${SIP}, { name: b, ports: [2] }]`,
    ["listeners[b]"],
    [],
  ],
  [
    "a listener taken away",
    `listeners: [${SIP}, { name: b, ports: [2] }]`,
    `listeners: [${SIP}]`,
    ["listeners[b]"],
    [],
  ],
  ["the first listeners", "", `listeners: [${SIP}]`, ["listeners", "listeners[sip]"], []],
  [
    "a listener in another namespace added",
    `listeners: [${SIP}]`,
    `listeners: [${SIP}, { name: b, ports: [2], netns: x }]`,
    ["listeners[b]"],
    ["listeners[b]"],
  ],
  [
    "the namespace of a listener",
    "listeners: [{ name: b, ports: [2] }]",
    "listeners: [{ name: b, ports: [2], netns: x }]",
    ["listeners[b].netns"],
    ["listeners[b].netns"],
  ],
  [
    "an allowed source",
    "allow: [{ source: 10.0.0.1 }]",
    "allow: [{ source: 10.0.0.1, reason: x }, { source: '::1' }]",
    ["allow[10.0.0.1].reason", "allow[::1]"],
    [],
  ],
  [
    "a monitor",
    "monitors: [{ name: a, target: 'sip:x' }]",
    "monitors: [{ name: a, target: 'sip:y' }]",
    ["monitors[a].target"],
    [],
  ],
  ["places", "", "socket: /a\nstateDir: /b", ["stateDir", "socket"], ["stateDir", "socket"]],
  ["http", "", "http: { listen: '[::1]:1' }", ["http"], ["http"]],
  [
    "http's port",
    "http: { listen: '[::1]:1' }",
    "http: { listen: '[::1]:2' }",
    ["http.listen"],
    ["http.listen"],
  ],
] as const) {
  test(`${name}: ${changed.length === 0 ? "nothing changes" : changed.join(", ")}`, () => {
    assert.deepEqual(changedKeys(config(before), config(after)), changed);
    assert.deepEqual(restartKeys(config(before), config(after)), restart);
    assert.deepEqual(changedKeys(config(after), config(before)).sort(), [...changed].sort());
  });
}

test("the schema says which settings need a restart, and the document names the same", () => {
  const restart = allSettings().flatMap(({ key, words }) => (words.reload === "restart" ? [key] : []));
  assert.deepEqual(restart, ["stateDir", "socket", "http.listen", "http.tokenFile", "listeners[].netns"]);
  const document = readFileSync(new URL("../../docs/configuration.md", import.meta.url), "utf8");
  const sentence = /^Only a restart applies a change of ([^;]*);/m.exec(document)?.[1] ?? "";
  const named = [...sentence.matchAll(/`([^`]+)`/g)].map((match) => match[1]);
  assert.deepEqual(named, restart);
});

test("every setting with a value says what puts a change in force, and no group does", () => {
  for (const { key, kind, words } of allSettings())
    assert.equal(words.reload === null, kind !== "value", key);
});

for (const [name, text, words] of [
  ["nothing odd", "mode: enforce\nlisteners: [{ name: a, ports: [1] }]", []],
  ["enforce without listeners", "mode: enforce", [/does nothing without listeners/]],
  ["a token over the network", "http: { listen: '0.0.0.0:1' }", [/not loopback/]],
  ["no warning for loopback", "http: { listen: '127.1.2.3:1' }", []],
  [
    "everybody allowed",
    "allow: [{ source: 0.0.0.0/0 }, { source: '::/0' }]",
    [/0\.0\.0\.0\/0 exempts/, /::\/0 exempts/],
  ],
  ["everybody with a limit", "allow: [{ source: 0.0.0.0/0, connectionsPerSource: 9 }]", []],
  [
    "a source that may take all slots",
    "listeners: [{ name: a, ports: [1], slots: 20, limits: { connectionsPerSource: 20 } }]",
    [/all 20 slots/, /all 20 slots/],
  ],
  [
    "strict without fence",
    "enforce: { fence: false }\nlisteners: [{ name: a, ports: [1], limits: { newPerSource: 9 per 1m } }]",
    [/enforced late/],
  ],
  ["a short memory", "retention: { ledger: 1h }", [/repeaters/]],
  ["a history", "retention: { history: 30d }", [/^retention\.history: is accepted, and has no effect until/]],
  ["no warning for the default of the history", "retention: { history: 90d }", []],
] as const) {
  test(`a valid but odd setting is pointed out: ${name}`, () => {
    const doubts = configDoubts(config(text));
    assert.equal(doubts.length, words.length, doubts.join("\n"));
    for (const [i, word] of words.entries()) assert.match(doubts[i]!, word);
  });
}
