// The upper block: a row a listener, with the rest of its owner's slots and of its accept queue. Pure.

import type { CensusGrowth, Headroom, ListenerCensus } from "../../census/index.ts";
import { type Conduct, conductLabel, holdingCount, slotShare } from "../../model/index.ts";
import { occurring } from "../scan-verbs/conduct.ts";
import { fullestQueue, tightest } from "../scan-verbs/nearest-limit.ts";
import { cutMark, type ScreenLine, type Span, shorten, styled } from "../terminal/line.ts";
import { singleWidth } from "../text/foreign.ts";
import { bar, countCell, fullInCell, growthCell, shortNumber, slotStyle } from "./cells.ts";
import { type FlexibleColumn, type Form, fitTable } from "./columns.ts";
import type { LiveScene } from "./scene.ts";

const NAME_CHARACTERS_MAX = 24;

/** Indexes of listeners, the largest first; equal ones as the census has them, by port. */
export function rankListeners({ census }: CensusGrowth, only: readonly number[]): number[] {
  const held = census.listeners.map(({ conduct }) => holdingCount(conduct));
  return [...only].sort((a, b) => held[b]! - held[a]! || a - b);
}

/** A title and a line for each of `shown`. */
export function listenerLines(scene: LiveScene, shown: readonly number[], width: number): ScreenLine[] {
  const { growth, unicode } = scene;
  const listeners = shown.map((i) => growth.census.listeners[i]!);
  const headrooms = shown.map((i) => growth.headrooms[i]!);
  const conducts = conductsShown(growth);
  const cells = (
    worth: number,
    title: string,
    cell: (listener: ListenerCensus, i: number) => Span,
  ): Form => ({
    title,
    worth,
    cells: listeners.map(cell),
  });
  const connections = ({ conduct }: ListenerCensus): Span => styled(String(holdingCount(conduct)));
  const name = ({ name }: ListenerCensus, most: number): Span =>
    styled(shortenName(singleWidth(name, unicode), most, cutMark(unicode)));
  const columns: FlexibleColumn[] = [
    {
      align: "left",
      least: 10,
      forms: [
        cells(55, "LISTENER", (listener) => name(listener, NAME_CHARACTERS_MAX)),
        cells(Number.POSITIVE_INFINITY, "LISTENER", (listener) => name(listener, 15)),
      ],
    },
    {
      align: "right",
      least: 6,
      forms: [cells(30, "CONNECTIONS", connections), cells(Number.POSITIVE_INFINITY, "CONN", connections)],
    },
    {
      align: "right",
      least: 7,
      forms: [cells(80, "GROWTH/s", ({ name }) => growthCell(growth.listenersPerSecond.get(name)))],
    },
    slotsColumn(headrooms, unicode),
    { align: "right", forms: [cells(85, "FULL IN", (_, i) => fullInCell(headrooms[i]!))] },
    { align: "right", forms: [cells(70, "QUEUE", queueCell)] },
    ...conducts.map((conduct) => conductColumn(conduct, listeners)),
    {
      align: "left",
      least: 12,
      elastic: true,
      cutMark: cutMark(unicode),
      forms: [cells(10, "PROCESS", (listener) => processCell(listener, unicode))],
    },
  ];
  return fitTable(columns, width);
}

/** A listener's name, whose port must stay. */
function shortenName(name: string, most: number, mark: string): string {
  const port = name.lastIndexOf(":");
  if (port < 0) return shorten(name, most, mark);
  return shorten(name.slice(0, port), most - (name.length - port), mark) + name.slice(port);
}

/** Conducts that suggest trouble stay longest. */
const CONDUCT_WORTH: Readonly<Record<Conduct, number>> = {
  silent: 68,
  stalled: 67,
  leaked: 66,
  queued: 65,
  halfOpen: 64,
  fresh: 25,
  idle: 24,
  active: 23,
  closing: 22,
};

/** The column of one conduct, for anything that has counts. */
export function conductColumn(
  conduct: Conduct,
  rows: readonly Pick<ListenerCensus, "conduct">[],
): FlexibleColumn {
  const cells = rows.map((row) => countCell(row.conduct, conduct));
  return {
    align: "right",
    least: 5,
    forms: [{ title: conductLabel(conduct).toUpperCase(), cells, worth: CONDUCT_WORTH[conduct] }],
  };
}

/** All conducts that any listener has, whether or not those on the screen do: columns must not come and go. */
export function conductsShown({ census }: CensusGrowth): readonly Conduct[] {
  return occurring(census.listeners.map(({ conduct }) => conduct));
}

/** The used part of each owner's slots. */
function slotsColumn(headrooms: readonly Headroom[], unicode: boolean): FlexibleColumn {
  const numbers = headrooms.map(slotNumbers);
  const widest = numbers.reduce((most, text) => Math.max(most, text.length), 0);
  const styles = headrooms.map((headroom) => (headroom.slots === null ? "dim" : slotStyle(headroom)));
  const withBar = (width: number, worth: number): Form => ({
    title: "SLOTS",
    worth,
    cells: headrooms.map((headroom, i) => {
      const numberText = numbers[i]!.padStart(widest);
      if (headroom.slots === null) return styled(numberText.padStart(width + 3 + widest), "dim");
      return styled(`${bar(slotShare(headroom), width, unicode)} ${numberText}`, styles[i]);
    }),
  });
  const bare = (worth: number, text: (i: number) => string): Form => ({
    title: "SLOTS",
    worth,
    cells: headrooms.map((_, i) => styled(text(i), styles[i])),
  });
  return {
    align: "left",
    forms: [
      withBar(20, 5),
      withBar(10, 60),
      withBar(6, 62),
      bare(84, (i) => numbers[i]!.padStart(widest)),
      bare(90, (i) => numbers[i]!.split(" ").at(-1)!.padStart(4)),
    ],
  };
}

function slotNumbers(headroom: Headroom): string {
  const { used, slots } = headroom;
  if (slots === null) return "?";
  const share = String(Math.floor(100 * slotShare(headroom))).padStart(3);
  return `${shortNumber(used)}/${shortNumber(slots)} ${share}%`;
}

function queueCell({ endpoints }: ListenerCensus): Span {
  const { used, limit } = fullestQueue(endpoints);
  return used > 0 ? styled(`${used}/${limit}`, ["red", "bold"]) : styled(`0/${limit}`);
}

function processCell({ processes }: ListenerCensus, unicode: boolean): Span {
  const process = tightest(processes);
  if (process === undefined) return styled("?", "dim");
  const others = processes.length > 1 ? ` and ${processes.length - 1} more` : "";
  return styled(`${singleWidth(process.name ?? "?", unicode)} (pid ${process.pid})${others}`);
}
