// The example is the manual: the code does what it says.

import assert from "node:assert/strict";
import { test } from "node:test";
import { PROFILE_NAMES, PROFILES, parseDuration } from "../model/index.ts";
import type { Config } from "./config.ts";
import { configExample } from "./example.ts";
import { explainKey, settingExplanations } from "./explain.ts";
import { readConfigText } from "./load.ts";
import { configPlaces } from "./places.ts";
import { allSettings } from "./walk.ts";

const places = configPlaces(0, {});

function configOf(text: string): Config {
  const loaded = readConfigText(text, "sockwarden.yaml", places);
  assert.ok(loaded.ok, JSON.stringify(loaded));
  return loaded.config;
}

/** The example with every setting that is commented out taken in. */
const everything = configExample().replace(/^( *)#(?=\S)(?!$)/gm, "$1");

/** The documented key of a configuration's setting: it does not name the items of lists. */
const documented = (key: string): string => key.replace(/\[[^\]]+\]/g, "[]");

test("the example as it is gives the same as no file at all", () => {
  assert.deepEqual(configOf(configExample()), configOf(""));
});

test("the example with every setting taken in is right, too", () => {
  const config = configOf(everything);
  assert.equal(config.listeners?.length, 1);
  assert.equal(config.allow.length, 1);
  assert.equal(config.monitors.length, 1);
  assert.notEqual(config.http, null);
});

test("every setting of the code is in the example, and the example has no other", () => {
  const inCode = [...configOf(everything).effective.keys()].map(documented);
  const shown = allSettings().map(({ key }) => key);
  // Mappings have no value of their own, and the name of an item is in its key.
  const values = shown.filter((key) => !/^(sources|ban|enforce|scan|retention)$|limits$|pressure$/.test(key));
  const keys = values.filter((key) => !/^(listeners|monitors)\[\]\.name$|^allow\[\]\.source$/.test(key));
  assert.deepEqual(
    keys.sort(),
    [...new Set(inCode.map((key) => (key === "listeners" ? "listeners[]" : key)))].sort(),
  );
  for (const { key, name } of allSettings()) {
    assert.match(everything, new RegExp(`^ *(- )?${name}:`, "m"), key);
    assert.ok(configExample().includes(`# ${key}: `), `${key} has no words`);
  }
});

test("each documented default is the code's", () => {
  const listener = "listeners: [{ name: sip, ports: [5060, 5061] }]\n";
  const monitor = "monitors: [{ name: m, target: 'sip:x' }]\nallow: [{ source: 10.0.0.1 }]\n";
  const config = configOf(`${listener}${monitor}http: { listen: '[::1]:9475' }\n`);
  const code = new Map([...config.effective].map(([key, value]) => [documented(key), value]));
  for (const { key, words, schema } of allSettings()) {
    if (!("value" in words.default)) continue;
    // The form parses the shown text as it parses a file's.
    assert.deepEqual(schema.parse(words.default.value), code.get(key), key);
  }
});

test("the documented defaults by profile are the profiles'", () => {
  for (const name of PROFILE_NAMES) {
    const config = configOf(`listeners: [{ name: a, ports: [1], profile: ${name} }]`);
    assert.deepEqual(config.listeners![0]!.profile, PROFILES[name]);
    for (const key of ["speakWithin", "silentFor", "stalledFor", "holdFor"] as const) {
      const explained = explainKey(`limits.${key}`);
      assert.ok(explained.found);
      const text = new RegExp(`${name} (\\w+)`).exec(explained.setting.default)?.[1];
      assert.equal(
        text === "off" ? null : parseDuration(text!),
        PROFILES[name][`${key}Ms`],
        `${name} ${key}`,
      );
    }
  }
});

test("the documented default places are root's", () => {
  const config = configOf("http: { listen: 'localhost:1' }");
  for (const [key, value] of [
    ["stateDir", config.stateDir],
    ["socket", config.socket],
    ["http.tokenFile", config.http!.tokenFile],
  ] as const) {
    const explained = explainKey(key);
    assert.ok(explained.found && explained.setting.default.startsWith(`${value};`), key);
  }
});

test("every example of a setting is accepted", () => {
  for (const { key, kind, words, name } of allSettings()) {
    if (kind !== "value") continue;
    const line = new RegExp(`^( *(?:- )?)${name}: .*$`, "gm");
    // The line of this setting is the one below the words about it.
    const start = everything.indexOf(`# ${key}: `);
    line.lastIndex = start;
    const found = line.exec(everything)!;
    const text = `${everything.slice(0, found.index)}${found[1]}${name}: ${words.example}${everything.slice(line.lastIndex)}`;
    const loaded = readConfigText(text, key, places);
    const own = loaded.ok
      ? []
      : loaded.errors.filter((error) => !/longer|below|no listener/.test(error.message));
    assert.deepEqual(own, [], key);
  }
});

test("a setting is found by the end of its key, and a slip gets the near ones", () => {
  const whole = explainKey("listeners[0].limits.holdFor");
  assert.deepEqual(explainKey("holdFor"), whole);
  assert.ok(whole.found && whole.setting.key === "listeners[].limits.holdFor");
  assert.deepEqual(explainKey("hold_for"), { found: false, near: ["listeners[].limits.holdFor"] });
  // Two settings have this name.
  const two = explainKey("connectionsPerSource");
  assert.ok(!two.found && two.near.length === 2);
  assert.deepEqual(explainKey("zzz"), { found: false, near: [] });
  const group = explainKey("ban");
  assert.ok(group.found && group.inside.length === 4);
});

test("every setting says what it means, and every value what is accepted", () => {
  for (const { key, kind, meaning, accepted } of settingExplanations()) {
    assert.match(meaning, /^\S.*\.$/s, key);
    if (kind === "value") assert.notEqual(accepted, "", key);
  }
});
