// Judges a play: computes its result from what was seen. Pure.

import { DEFAULT_LIMITS, PROFILES } from "../src/model/index.ts";
import type { RefusedAddresses } from "./bans.ts";
import { profileOf } from "./play-configuration.ts";
import type { PlaySample, ProtectorResult, ReportSample, ScenarioResult } from "./play-result.ts";
import { serverLimits } from "./play-server.ts";
import { STRICT_CONNECTIONS } from "./scenarios/common.ts";
import type { Scenario } from "./scenarios/scenario.ts";

/**
 * The share of slots that counts as full. ss may miss a connection between two of its reads, which must not hide that
 * all are taken.
 */
const AS_GOOD_AS_FULL = 0.995;

export interface PlayRecord {
  readonly scenario: Scenario;
  readonly options: { readonly protection: unknown; readonly scale: number; readonly strict: boolean };
  readonly samples: readonly PlaySample[];
  readonly reports: readonly ReportSample[];
  readonly honestAddresses: readonly string[];
  /** Whether attackers and honest clients have the same addresses. */
  readonly sharesAddresses: boolean;
  readonly attackOpened: number;
  readonly refused: RefusedAddresses | null;
  readonly protectedAtMs: number | null;
  readonly mishapOverAtMs: number | null;
  readonly cutByRestart: number;
  readonly vanishedLeft: number;
  readonly verdict: string | null;
  readonly secondCaller: number | null;
  readonly protector: ProtectorResult | null;
}

export function judgePlay(gathered: PlayRecord): ScenarioResult {
  const { scenario, options, reports, refused, protector } = gathered;
  const { report } = reports.at(-1)!;
  const samples = gathered.samples.map((sample) => withoutHonest(gathered, sample));
  const during = samples.filter(({ atMs }) => atMs >= 0);
  const passedAtMs = passedAt(gathered, during);
  // A protector may have acted before a sample shows that the limit was passed.
  const from = Math.max(passedAtMs ?? 0, gathered.protectedAtMs ?? 0);
  const most = (of: (sample: PlaySample) => number) =>
    during.reduce((max, sample) => Math.max(max, of(sample)), 0);
  return {
    id: scenario.id,
    protected: options.protection !== null,
    strict: options.strict,
    scale: options.scale,
    samples,
    reports,
    slots: serverLimits(scenario.server).slots,
    slotsMax: most(({ established }) => established),
    exhaustedMs: exhaustedMs(scenario, during),
    callsTotal: report.answered + report.failed,
    callsAnswered: report.answered,
    callsFailed: report.failed,
    latencyMs: report.latencyMs,
    held: scenario.honest.held + (scenario.office ?? 0),
    heldOpen: report.heldOpen,
    heldCut: report.heldCut - gathered.cutByRestart,
    heldUnanswered: report.heldUnanswered,
    attackerHeldMax: most(({ attackers }) => attackers),
    attackerHeldAtEnd: during.at(-1)?.attackers ?? 0,
    worstSourceMax: most(({ worst }) => worst),
    attackOpened: gathered.attackOpened,
    halfOpenMax: most(({ halfOpen }) => halfOpen),
    leakedMax: most(({ leaked }) => leaked),
    openedPerSecond: openedPerSecond(during),
    passedAtMs,
    msToFirstBan: since(from, firstRefusal(during)),
    msToFreed: since(from, passedAtMs === null ? freedUnseen(during) : freedAt(during)),
    bannedSources: refused?.bans ?? null,
    cappedSources: refused?.caps ?? null,
    honestRefused: honestRefused(gathered),
    msToRefusingAgain: refusingAgain(gathered.mishapOverAtMs, during),
    vanishedLeft: gathered.vanishedLeft,
    verdict: gathered.verdict,
    secondCaller: gathered.secondCaller,
    protector,
  };
}

/** A sample without honest clients. Behind a shared address all connections but the honest clients' are the attacker's. */
function withoutHonest({ sharesAddresses, reports }: PlayRecord, sample: PlaySample): PlaySample {
  if (!sharesAddresses) return sample;
  const nearest = reports.findLast(({ atMs }) => atMs <= sample.atMs) ?? reports[0]!;
  const attackers = Math.max(0, sample.attackers - nearest.report.heldOpen);
  return { ...sample, attackers, worst: attackers };
}

function exhaustedMs({ server }: Scenario, samples: readonly PlaySample[]): number {
  const { slots, descriptors } = serverLimits(server);
  const limit = descriptors === null ? slots * AS_GOOD_AS_FULL : Number.POSITIVE_INFINITY;
  const full = (sample: PlaySample) =>
    sample.established >= limit || (descriptors !== null && (sample.descriptors ?? 0) >= descriptors - 1);
  let total = 0;
  for (const [i, sample] of samples.entries()) {
    const next = samples[i + 1];
    if (next !== undefined && full(sample)) total += next.atMs - sample.atMs;
  }
  return total;
}

function openedPerSecond(samples: readonly PlaySample[]): number {
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined || last.atMs <= first.atMs) return 0;
  return ((last.passiveOpens - first.passiveOpens) / (last.atMs - first.atMs)) * 1000;
}

/**
 * The moment when a limit was passed. Honest clients have `speakWithin` to say something, so the limit does not count
 * until then. The strict one always does.
 */
function passedAt({ scenario, options }: PlayRecord, samples: readonly PlaySample[]): number | null {
  const limit = options.strict ? STRICT_CONNECTIONS : DEFAULT_LIMITS.unprovenPerSource;
  const passed = samples.find(({ worst }) => worst > limit);
  if (passed === undefined) return null;
  const { speakWithinMs } = PROFILES[profileOf(scenario.server)];
  return passed.atMs + (options.strict ? 0 : (speakWithinMs ?? 0) / options.scale);
}

function firstRefusal(samples: readonly PlaySample[]): number | null {
  return samples.find(({ bans, caps }) => (bans ?? 0) + (caps ?? 0) > 0)?.atMs ?? null;
}

/** The first moment after which the attackers hold nothing to the end. */
function freedAt(samples: readonly PlaySample[]): number | null {
  const lastHolding = samples.findLastIndex(({ attackers }) => attackers > 0);
  return samples[lastHolding + 1]?.atMs ?? null;
}

/** The same for an attack in which nobody was seen to pass a limit: it is freed if nobody holds anything at the end. */
function freedUnseen(samples: readonly PlaySample[]): number | null {
  return samples.at(-1)?.attackers === 0 ? 0 : null;
}

function refusingAgain(overAtMs: number | null, samples: readonly PlaySample[]): number | null {
  if (overAtMs === null) return null;
  const again = samples.find(({ atMs, bans, caps }) => atMs >= overAtMs && (bans ?? 0) + (caps ?? 0) > 0);
  return since(overAtMs, again?.atMs ?? null);
}

function since(from: number, at: number | null): number | null {
  return at === null ? null : Math.max(0, at - from);
}

/**
 * The honest addresses that are refused: by address or by their /24, since the lab's networks are cut so. Honest
 * clients are never IPv6.
 */
function honestRefused({ honestAddresses, refused }: PlayRecord): readonly string[] {
  if (refused === null) return [];
  const all = new Set([...refused.bans, ...refused.caps].map((text) => text.replace(/\/32$/, "")));
  const networkOf = (address: string) => `${address.slice(0, address.lastIndexOf("."))}.0`;
  const hit = (address: string) =>
    all.has(address) || all.has(networkOf(address)) || all.has(`${networkOf(address)}/24`);
  return [...new Set(honestAddresses)].filter(hit);
}
