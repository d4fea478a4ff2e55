// Goal: the player judges protection from outside, so that a good protector passes and a bad one does not. Way: a crude
// protector with a count per address. It is good enough for the story, and harms an office behind one address.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  contradictions,
  findProgram,
  labUnavailable,
  play,
  SCENARIOS,
  type Scenario,
  type ScenarioResult,
} from "./index.ts";
import { crudeProtection } from "./testing/crude-protector.ts";

const missing = ["kamailio", "nft", "sipsak"].filter((program) => findProgram(program) === null);
const skip = labUnavailable() ?? (missing.length === 0 ? false : `${missing} is not installed`);

function scenario(id: string): Scenario {
  return SCENARIOS.find((one) => one.id === id)!;
}

/** The expectations that the result contradicts. */
function wrong(result: ScenarioResult): string[] {
  return contradictions(result, scenario(result.id).expect.protected);
}

const OPTIONS = { scale: 10, strict: false } as const;

describe("play()", { skip, concurrency: 2 }, () => {
  test("finds nothing wrong with a protector that bans and evicts the hoarder of A1", async () => {
    let seen = 0;
    const result = await play(scenario("A1"), {
      ...OPTIONS,
      protection: crudeProtection(5060, 20),
      onSample: () => seen++,
    });
    assert.deepEqual(wrong(result), []);
    assert.equal(result.bannedSources?.length, 1);
    assert.equal(result.attackerHeldAtEnd, 0);
    assert.ok(result.msToFirstBan !== null && result.msToFirstBan < 1000, `${result.msToFirstBan}`);
    assert.ok(result.callsTotal >= 20 && result.reports.length === seen);
  });

  test("tells of an office that a protector cuts off in H1", async () => {
    const result = await play(scenario("H1"), { ...OPTIONS, protection: crudeProtection(5060, 20) });
    const found = wrong(result).join("\n");
    assert.match(found, /no honest connection is cut: \d+ cut, 0 of 300 stand/);
    assert.match(found, /nobody is banned: banned: /);
    assert.equal(result.honestRefused.length, 1);
  });

  test("notices that bans are back after a flush, or are not", async () => {
    const result = await play(scenario("O1-flush"), { ...OPTIONS, protection: crudeProtection(5060, 20) });
    assert.match(
      wrong(result).join("\n"),
      /the kernel refuses the attacker again within 1000 ms: it never does/,
    );
  });

  test("ends at once when it is told to", async () => {
    const control = new AbortController();
    const played = play(scenario("A1"), { ...OPTIONS, protection: null, signal: control.signal });
    setTimeout(() => control.abort(), 1500);
    const startedAt = performance.now();
    await assert.rejects(played);
    assert.ok(performance.now() - startedAt < 4000);
  });
});
