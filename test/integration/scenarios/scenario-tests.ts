// The common part of this folder's files. Each scenario is played without protection, which must show its outage, and
// with the installed program, by the profile's defaults and by the strict limits. The lab's player judges from outside.
// Plays are ten times faster than true, as the catalogue allows.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  cannotPlay,
  contradictions,
  labUnavailable,
  type PlayOptions,
  play,
  type Requirement,
  SCENARIOS,
  type Scenario,
  type ScenarioResult,
  sockwardenDiagnose,
  sockwardenProtection,
} from "../../../lab/index.ts";
import { BIN, run } from "../sockwarden.ts";

const SCALE = 10;
/** The plays wait for most of their time. Two cores can judge two plays at a time to a tenth of a second. */
const CONCURRENCY = 2;

/** Why the guard cannot be played, or false. The whole program's help answers where there is no such verb. */
async function whyNoGuard(): Promise<string | false> {
  const { code, stdout } = await run([process.execPath, BIN, "run", "--help"]);
  if (code !== 0 || !stdout.startsWith("Usage: sockwarden run")) return "this version has no guard to run";
  // An ordinary user has no nftables outside a lab, and inside one everything that is needed.
  return false;
}

/** Tests the scenarios of these ids. */
export async function testScenarios(ids: readonly string[]): Promise<void> {
  const noGuard = await whyNoGuard();
  describe("scenarios", { skip: labUnavailable() ?? false, concurrency: CONCURRENCY }, () => {
    for (const id of ids) testScenario(scenarioOf(id), noGuard);
  });
}

function scenarioOf(id: string): Scenario {
  const found = SCENARIOS.find((scenario) => scenario.id === id);
  if (found === undefined) throw new Error(`there is no scenario ${id}`);
  return found;
}

function testScenario(scenario: Scenario, noGuard: string | false): void {
  const { id, title, expect } = scenario;
  const missing = cannotPlay(scenario) ?? false;
  const skip = missing || noGuard;
  const protection = sockwardenProtection(BIN);
  const { unprotected, strict } = expect;
  if (unprotected !== null) {
    test(`${id} (${title}), without protection: ${says(unprotected)}`, { skip: missing }, () =>
      judge(scenario, unprotected, { protection: null, strict: false }),
    );
  }
  test(`${id}, protected: ${says(expect.protected)}`, { skip }, () =>
    judge(scenario, expect.protected, { protection, strict: false }),
  );
  if (strict === undefined) return;
  test(`${id}, protected by strict limits: ${says(strict)}`, { skip }, () =>
    judge(scenario, strict, { protection, strict: true }),
  );
}

function says(expectations: readonly Requirement[]): string {
  return expectations.map((expectation) => expectation.says).join(", ");
}

async function judge(
  scenario: Scenario,
  expectations: readonly Requirement[],
  how: Pick<PlayOptions, "protection" | "strict">,
): Promise<void> {
  const result = await play(scenario, { ...how, scale: SCALE, diagnose: sockwardenDiagnose(BIN, SCALE) });
  const wrong = contradictions(result, expectations);
  const evidence = `${numbersOf(result)}\n${result.protector?.log.slice(-4000) ?? ""}`;
  assert.deepEqual(wrong, [], `${wrong.join("; ")}\n${evidence}`);
}

/** The result without its long parts. */
function numbersOf(result: ScenarioResult): string {
  const { samples, reports, protector, bannedSources, cappedSources, ...rest } = result;
  const some = (sources: readonly string[] | null) => sources && [sources.length, ...sources.slice(0, 5)];
  return JSON.stringify({ ...rest, banned: some(bannedSources), capped: some(cappedSources) });
}
