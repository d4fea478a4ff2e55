// The text of a drill for people: a line every half second, then the two halves side by side. Pure.

import { type Scenario, type ScenarioResult, serverSlots } from "../../../lab/index.ts";
import { pressureOf } from "../../model/index.ts";
import type { Paint } from "../output.ts";
import { PRESSURE_COLOURS } from "../text/colours.ts";
import { formatTable } from "../text/table.ts";
import { brokenExpectations, type Half, type Shown } from "./document.ts";

const BAR_WIDTH = 30;
const HALF_NAMES: Readonly<Record<Half, string>> = { unprotected: "without", protected: "with" };

export function liveLine(
  { scenario, half, sample, report }: Shown,
  { paint, unicode }: { readonly paint: Paint; readonly unicode: boolean },
): string {
  const slots = serverSlots(scenario);
  const share = Math.min(1, sample.established / slots);
  const style = PRESSURE_COLOURS[pressureOf(share)];
  const used = `${String(sample.established).padStart(5)} of ${slots}`;
  const seconds = `${(sample.atMs / 1000).toFixed(1).padStart(5)} s`;
  const refused = (sample.bans ?? 0) + (sample.caps ?? 0);
  return [
    `${HALF_NAMES[half].padEnd(7)} ${seconds}`,
    `${paint(style, slotBar(share, unicode))} ${used}`,
    `attacker ${String(sample.attackers).padStart(5)}`,
    callsText(report, paint),
    ...(refused === 0 ? [] : [paint("green", `${refused} banned`)]),
  ].join("  ");
}

function slotBar(share: number, unicode: boolean): string {
  const full = Math.round(share * BAR_WIDTH);
  const [on, off] = unicode ? ["█", "░"] : ["#", "."];
  return on!.repeat(full) + off!.repeat(BAR_WIDTH - full);
}

function callsText({ answered, failed }: Shown["report"], paint: Paint): string {
  const text = `calls ${answered} answered`;
  return failed === 0 ? text : `${text}, ${paint("red", `${failed} failed`)}`;
}

/** The two halves as columns; one of them if only one was played. */
export function comparisonText(
  scenario: Scenario,
  results: Partial<Record<Half, ScenarioResult>>,
  paint: Paint,
): string[] {
  const played = [results.unprotected, results.protected].filter((result) => result !== undefined);
  const columns = [
    { title: "", align: "left" },
    ...played.map((result) => ({ title: columnTitle(result), align: "right" }) as const),
  ] as const;
  const rows = ROWS.map(([name, cell]) => [name, ...played.map(cell)]);
  const found = results.protected === undefined ? [] : brokenExpectations(scenario, results.protected);
  return [
    "",
    ...formatTable(columns, rows),
    ...(found.length === 0
      ? []
      : ["", paint("red", "These must hold and did not:"), ...found.map((text) => `  ${text}`)]),
  ];
}

function columnTitle(result: ScenarioResult): string {
  if (!result.protected) return "WITHOUT";
  return result.strict ? "WITH, STRICT" : "WITH";
}

const ROWS: readonly (readonly [string, (result: ScenarioResult) => string])[] = [
  ["slots taken at most", ({ slotsMax, slots }) => `${Math.min(slotsMax, slots)} of ${slots}`],
  ["slots full for", ({ exhaustedMs }) => (exhaustedMs === 0 ? "-" : time(exhaustedMs))],
  ["honest calls answered", ({ callsAnswered: answered, callsTotal: total }) => `${answered} of ${total}`],
  ["slowest answer", ({ callsAnswered, latencyMs }) => (callsAnswered === 0 ? "-" : time(latencyMs.max))],
  ["honest connections cut", ({ heldCut }) => String(heldCut)],
  ["attacker held at most", ({ attackerHeldMax }) => String(attackerHeldMax)],
  ["attacker holds at the end", ({ attackerHeldAtEnd }) => String(attackerHeldAtEnd)],
  ["time to ban", (result) => reached(result, result.msToFirstBan)],
  ["time to free", (result) => reached(result, result.msToFreed)],
];

/** There was nothing to free, or nothing came free. */
function reached({ attackerHeldMax }: ScenarioResult, ms: number | null): string {
  if (attackerHeldMax === 0) return "-";
  return ms === null ? "never" : time(ms);
}

function time(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}
