// The lower block: a row a source. Pure.

import { describeSources, type SourceGrowth } from "../../census/index.ts";
import { listenerCell } from "../scan-verbs/text.ts";
import { cutMark, type ScreenLine, type Span, styled } from "../terminal/line.ts";
import { singleWidth } from "../text/foreign.ts";
import { growthCell } from "./cells.ts";
import { type FlexibleColumn, type Form, fitTable } from "./columns.ts";
import { conductColumn, conductsShown } from "./listener-block.ts";
import type { LiveScene } from "./scene.ts";
import type { SortKey } from "./view-state.ts";

/** The longest IPv4 address; most sources are no longer. */
const SOURCE_CHARACTERS_LEAST = 15;

/** A title and a line for each of `rows`, which are rows of the growth's sources. */
export function sourceLines(
  { growth, unicode }: LiveScene,
  rows: readonly number[],
  sort: SortKey,
  width: number,
): ScreenLine[] {
  const sources = describeSources(growth, rows);
  const form = (title: string, worth: number, cell: (source: SourceGrowth) => Span): Form => ({
    title,
    worth,
    cells: sources.map(cell),
  });
  const connections = (source: SourceGrowth): Span => styled(String(source.connections));
  const columns: FlexibleColumn[] = [
    {
      align: "left",
      least: Math.min(SOURCE_CHARACTERS_LEAST, Math.floor(width / 3)),
      sorted: sort === "source",
      forms: [form("SOURCE", Number.POSITIVE_INFINITY, ({ source }) => styled(source))],
    },
    {
      align: "right",
      least: 6,
      sorted: sort === "connections",
      forms: [form("CONNECTIONS", 30, connections), form("CONN", Number.POSITIVE_INFINITY, connections)],
    },
    {
      align: "right",
      least: 7,
      sorted: sort === "growth",
      forms: [form("GROWTH/s", 80, ({ perSecond }) => growthCell(perSecond))],
    },
    ...conductsShown(growth).map((conduct) => ({
      ...conductColumn(conduct, sources),
      sorted: sort === "silent" && conduct === "silent",
    })),
    {
      align: "left",
      least: 15,
      elastic: true,
      cutMark: cutMark(unicode),
      forms: [
        form("LISTENERS", 40, ({ listeners }) => styled(singleWidth(listenerCell(listeners), unicode))),
      ],
    },
  ];
  return fitTable(columns, width);
}
