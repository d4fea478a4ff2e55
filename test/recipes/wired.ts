// Runs in a copy of the project with every made-up piece laid in: each piece is where people and programs meet it.
// Made-up things have no types here, so the tests reach them by name.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { createApi } from "../../src/api/app.ts";
import { memoryService } from "../../src/api/testing/service.ts";
import { configDoubts, readConfigText } from "../../src/config/index.ts";
import { configPlaces } from "../../src/config/places.ts";
import { Metrics } from "../../src/daemon/metrics.ts";
import { DOCTOR_CHECKS } from "../../src/doctor/checks.ts";
import { BACKEND_ENTRIES } from "../../src/enforce/index.ts";
import { EMPTY, fakeCensus, OPTIONS } from "../../src/judge/fakes.ts";
import { step } from "../../src/judge/index.ts";
import { BACKEND_CHOICES, PROFILES, parseRuleName } from "../../src/model/index.ts";

const BIN = fileURLToPath(new URL("../../bin/sockwarden.js", import.meta.url));
const NAME = "made-up" as never;

function sockwarden(...args: readonly string[]): { readonly status: number | null; readonly stdout: string } {
  return spawnSync(process.execPath, [BIN, ...args], { encoding: "utf8" });
}

test("the rule's finding comes out of a step, and its name out of the ledger", () => {
  const { findings } = step(
    EMPTY,
    fakeCensus([{ source: "192.0.2.1", counts: { proven: 1_000_000 } }]),
    OPTIONS,
  );
  assert.ok(findings.some(({ rule, listener }) => rule === NAME && listener === "sip"));
  assert.equal(parseRuleName("made-up"), "made-up");
});

test("the backend is accepted by the configuration, and opened by its name", () => {
  assert.ok(BACKEND_CHOICES.includes(NAME));
  const { ok } = readConfigText("enforce: { backend: made-up }", "x.yaml", configPlaces(0, {}));
  assert.ok(ok);
  BACKEND_ENTRIES[NAME as "observe"].open()[Symbol.dispose]();
});

test("the profile is offered, and has its times", () => {
  assert.match(sockwarden("who", "--help").stdout, /made-up/);
  assert.equal(PROFILES[NAME as "sip"].silentForMs, 20_000);
});

test("the verb is in the help, and its address answers", async () => {
  assert.match(sockwarden("--help").stdout, /^ {2}made-up .*how many bans the daemon keeps$/m);
  assert.equal(sockwarden("made-up", "--socket", "/nonexistent/socket").status, 3);
  const log = { info: () => {}, error: () => {} };
  const answer = await createApi(memoryService(), { log }).request("/v1/made-up");
  assert.deepEqual(await answer.json(), { schema: 1, bans: 0 });
});

test("the key is accepted, explained, defaulted and used", () => {
  const read = (text: string) => {
    const loaded = readConfigText(text, "x.yaml", configPlaces(0, {}));
    assert.ok(loaded.ok);
    return loaded.config;
  };
  assert.equal(read("mode: observe").effective.get("scan.madeUp"), 7000);
  assert.equal(read("scan: { madeUp: 3s }").effective.get("scan.madeUp"), 3000);
  assert.ok(configDoubts(read("mode: observe")).includes("scan.madeUp: is longer than scan.every"));
  assert.match(sockwarden("config", "explain", "scan.madeUp").stdout, /How long nothing is done\./);
});

test("the check is listed, and found by its name", () => {
  assert.ok(DOCTOR_CHECKS.some(({ id }) => id === "made-up"));
  const { stdout } = sockwarden("doctor", "--only", "made-up", "--json");
  assert.equal(JSON.parse(stdout).checks[0].id, "made-up");
});

test("the metric is among the others", async () => {
  assert.match(await new Metrics().text(), /^# HELP sockwarden_made_up Listeners of the last scan$/m);
});
