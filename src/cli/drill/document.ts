// The objects of `sockwarden drill --json`: one a sample, the last the summary.

import {
  contradictions,
  type HonestReport,
  type PlaySample,
  type Scenario,
  type ScenarioResult,
} from "../../../lab/index.ts";

export type Half = "unprotected" | "protected";

export interface Shown {
  readonly scenario: Scenario;
  readonly half: Half;
  readonly sample: PlaySample;
  readonly report: HonestReport;
}

export function scenariosDocument(scenarios: readonly Scenario[]): object {
  return { scenarios: scenarios.map(({ id, title }) => ({ scenario: id, title })) };
}

export function sampleDocument({ scenario, half, sample, report }: Shown): object {
  return {
    type: "sample",
    scenario: scenario.id,
    half,
    atMs: Math.round(sample.atMs),
    connections: sample.established,
    descriptors: sample.descriptors,
    attacker: sample.attackers,
    bans: sample.bans,
    caps: sample.caps,
    calls: { answered: report.answered, failed: report.failed },
    held: { open: report.heldOpen, cut: report.heldCut },
  };
}

export function drillSummaryDocument(
  scenario: Scenario,
  results: Partial<Record<Half, ScenarioResult>>,
  scale: number,
): object {
  const half = (result: ScenarioResult | undefined) =>
    result === undefined ? null : halfDocument(scenario, result);
  return {
    type: "summary",
    scenario: scenario.id,
    title: scenario.title,
    server: scenario.server.kind,
    scale,
    unprotected: half(results.unprotected),
    protected: half(results.protected),
  };
}

function halfDocument(scenario: Scenario, result: ScenarioResult): object {
  return {
    strict: result.strict,
    slots: result.slots,
    slotsMax: result.slotsMax,
    fullMs: Math.round(result.exhaustedMs),
    calls: { total: result.callsTotal, answered: result.callsAnswered, failed: result.callsFailed },
    latencyMs: result.latencyMs,
    held: { total: result.held, open: result.heldOpen, cut: result.heldCut },
    attacker: { most: result.attackerHeldMax, atEnd: result.attackerHeldAtEnd },
    timeToBanMs: rounded(result.msToFirstBan),
    timeToFreeMs: rounded(result.msToFreed),
    bans: result.bannedSources?.length ?? null,
    caps: result.cappedSources?.length ?? null,
    broken: result.protected ? brokenExpectations(scenario, result) : [],
  };
}

/** The expectations that broke in the protected half, in sentences. */
export function brokenExpectations(scenario: Scenario, result: ScenarioResult): string[] {
  const { strict, protected: usual } = scenario.expect;
  return contradictions(result, result.strict ? (strict ?? usual) : usual);
}

const rounded = (ms: number | null): number | null => (ms === null ? null : Math.round(ms));
