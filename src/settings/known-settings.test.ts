import assert from "node:assert/strict";
import { test } from "node:test";
import { KNOWN_SETTINGS, TUNE_PROFILES } from "./known-settings.ts";

test("every setting has a name of its own, a reason, and a recommendation for each profile", () => {
  assert.equal(new Set(KNOWN_SETTINGS.map(({ name }) => name)).size, KNOWN_SETTINGS.length);
  for (const { name, why, recommend } of KNOWN_SETTINGS) {
    assert.ok(why.length > 10, name);
    assert.deepEqual(Object.keys(recommend).sort(), [...TUNE_PROFILES].sort(), name);
  }
});

test("every sysctl names its file below /proc/sys", () => {
  const sysctls = KNOWN_SETTINGS.filter(({ kind }) => kind === "sysctl");
  assert.ok(sysctls.length > 30);
  for (const { path } of sysctls) assert.match(path, /^\/proc\/sys\/(fs|net)\//);
});
