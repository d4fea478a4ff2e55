// Lays out the whole screen, from the scene and the viewer's choices. Pure.
//
//   header      two lines, and one that is blank or says what is wrong
//   listeners   a title, at most a third of the rest
//   rule        what the block below shows, of how many
//   sources     a title, and all the room there is
//   footer      the keys, or the filter being typed

import { count, holdingCount } from "../../model/index.ts";
import {
  cutMark,
  fitItems,
  type LineItem,
  lineWidth,
  type ScreenLine,
  shorten,
  styled,
} from "../terminal/line.ts";
import { growthText, intervalText } from "./cells.ts";
import { helpLines } from "./help.ts";
import { listenerLines, rankListeners } from "./listener-block.ts";
import { rankSources } from "./rank-sources.ts";
import type { LiveScene, Size } from "./scene.ts";
import { sourceLines } from "./source-block.ts";
import { type Filtered, filterSources } from "./source-filter.ts";
import { clampOffset, type Extent, type ViewState } from "./view-state.ts";

export interface Layout {
  /** As many as the screen is high, or fewer; they may be wider. */
  readonly lines: readonly ScreenLine[];
  /** The scrolled block. */
  readonly extent: Extent;
}

/** Screens lower than this have no blank lines. */
const AIRY_HEIGHT = 16;

/** Room for less than this has no rule. */
const RULED_HEIGHT = 4;

export function layout(state: ViewState, scene: LiveScene, { width, height }: Size): Layout {
  const message = messageLine(scene, width);
  const header = [titleLine(state, scene, width), sumsLine(scene, width)];
  if (message !== null || height >= AIRY_HEIGHT) header.push(message ?? []);
  const room = Math.max(0, height - header.length - 1);
  const { lines, extent } = state.help
    ? { lines: helpLines(), extent: { page: 0, total: 0 } }
    : blockLayout(state, scene, { width, height: room });
  const above = [...header, ...lines].slice(0, Math.max(0, height - 1));
  while (above.length < height - 1) above.push([]);
  return { lines: [...above, footerLine(state, scene, width)], extent };
}

function titleLine(state: ViewState, { host, clock, growth, lateMs }: LiveScene, width: number): ScreenLine {
  const items: LineItem[] = [
    { span: styled("sockwarden top", "bold"), worth: 30 },
    { span: styled(host), worth: 40 },
    { span: styled(clock), worth: 60 },
    { span: styled(`every ${intervalText(state.intervalMs)}`), worth: 50 },
    { span: styled(`scan ${growth.census.scanMs.toFixed(1)} ms`), worth: 20 },
  ];
  if (lateMs !== null) {
    items.push({ span: styled(`LATE: a scan takes ${(lateMs / 1000).toFixed(1)} s`, "yellow"), worth: 70 });
  }
  if (state.filter !== "") items.push({ span: styled(`FILTER ${state.filter}`, "cyan"), worth: 80 });
  if (state.paused) items.push({ span: styled("PAUSED", ["inverse", "bold"]), worth: 90 });
  return fitItems(items, width);
}

function sumsLine({ growth }: LiveScene, width: number): ScreenLine {
  const { census, listenersPerSecond } = growth;
  const connections = census.listeners.reduce((sum, { conduct }) => sum + holdingCount(conduct), 0);
  const perSecond = growthText([...listenersPerSecond.values()].reduce((sum, rate) => sum + rate, 0));
  const items: LineItem[] = [
    {
      span: styled(`${count(connections, "connection")}${perSecond === null ? "" : ` ${perSecond}/s`}`),
      worth: 90,
    },
    { span: styled(count(growth.sources.length, "source")), worth: 80 },
    { span: styled(count(census.listeners.length, "listener")), worth: 40 },
    { span: styled(`${census.outbound} outbound`), worth: 60 },
    { span: styled(count(census.sockets, "socket")), worth: 50 },
  ];
  return fitItems(items, width);
}

function messageLine({ failure, notes, clock, unicode }: LiveScene, width: number): ScreenLine | null {
  const mark = cutMark(unicode);
  if (failure !== null) {
    const first = failure.split("\n")[0]!;
    return [styled(shorten(`The scan failed, this is from ${clock}: ${first}`, width, mark), "red")];
  }
  return notes.length === 0 ? null : [styled(shorten(notes[0]!, width, mark), "yellow")];
}

function footerLine(state: ViewState, { unicode }: LiveScene, width: number): ScreenLine {
  if (state.prompt !== null) {
    const hint = "  Enter applies, Esc clears";
    const typed: ScreenLine = [styled("filter: ", "bold"), styled(state.prompt), styled(unicode ? "█" : "_")];
    return lineWidth(typed) + hint.length <= width ? [...typed, styled(hint, "dim")] : typed;
  }
  const items = FOOTER.map(([text, worth]) => ({ span: styled(text), worth }));
  return fitItems(items, width);
}

const FOOTER = [
  ["q quit", 90],
  ["? help", 80],
  ["/ filter", 70],
  ["s sort", 75],
  ["r reverse", 40],
  ["l listeners", 50],
  ["p pause", 60],
  ["+- interval", 30],
] as const;

function blockLayout(state: ViewState, scene: LiveScene, size: Size): Layout {
  const filtered = state.filter === "" ? null : filterSources(scene.growth, state.filter);
  const listeners = rankListeners(scene.growth, listenersLeft(scene, filtered));
  if (state.listeners === "only") return listenersAlone(state, scene, listeners, size);
  const shown = state.listeners === "none" ? 0 : listenerRows(listeners.length, size.height);
  const upper = shown === 0 ? [] : listenerLines(scene, listeners.slice(0, shown), size.width);
  const total =
    filtered === null ? scene.growth.sources.length : filtered.sources.reduce((sum, one) => sum + one, 0);
  const ruled = size.height >= RULED_HEIGHT;
  const page = Math.max(0, size.height - upper.length - (ruled ? 2 : 1));
  const offset = clampOffset(state.offset, { page, total });
  const ranking = { sort: state.sort, reversed: state.reversed, only: filtered?.sources ?? null };
  const rows = rankSources(scene.growth, ranking, offset, page);
  const matching = filtered === null ? "" : ` matching, ${scene.growth.sources.length} in all`;
  const order = `by ${state.sort}${state.reversed ? ", reversed" : ""}`;
  const hidden = listeners.length - shown;
  const more = hidden > 0 && shown > 0 ? `, +${count(hidden, "listener")} (l)` : "";
  const range = `${rangeText(offset, rows.length)}${count(total, "source")}`;
  const rule = ruleLine(
    [`${range}${matching}, ${order}${more}`, `${range}${more}`, range],
    size.width,
    scene.unicode,
  );
  const lower = total === 0 ? [emptyLine(state, scene)] : sourceLines(scene, rows, state.sort, size.width);
  return {
    lines: [...upper, ...(ruled ? [rule] : []), ...lower],
    extent: { page, total },
  };
}

function emptyLine({ filter }: ViewState, { growth }: LiveScene): ScreenLine {
  if (filter !== "") return [styled("Nobody matches the filter; Esc clears it.")];
  return [styled(growth.census.listeners.length === 0 ? "Nothing listens." : "Nobody is connected.")];
}

function listenersAlone(
  state: ViewState,
  scene: LiveScene,
  listeners: readonly number[],
  { width, height }: Size,
): Layout {
  const extent = { page: Math.max(0, height - 2), total: listeners.length };
  const offset = clampOffset(state.offset, extent);
  const shown = listeners.slice(offset, offset + extent.page);
  const text = `${rangeText(offset, shown.length)}${count(listeners.length, "listener")}, by connections`;
  const rule = ruleLine([text, count(listeners.length, "listener")], width, scene.unicode);
  return { lines: [rule, ...listenerLines(scene, shown, width)], extent };
}

/** The listeners that the filter names. A filter that names none is about sources, and leaves all. */
function listenersLeft({ growth }: LiveScene, filtered: Filtered | null): readonly number[] {
  if (filtered !== null && filtered.listeners.length > 0) return filtered.listeners;
  return growth.census.listeners.map((_, i) => i);
}

/** How many listeners get a line: a third of the room goes to them, none of a very small one. */
function listenerRows(listeners: number, height: number): number {
  return height < 6 ? 0 : Math.min(listeners, Math.max(1, Math.floor((height - 3) / 3)));
}

function rangeText(offset: number, shown: number): string {
  return shown === 0 ? "" : `${offset + 1}-${offset + shown} of `;
}

/** The first of the texts that fits, or the last. */
function ruleLine(texts: readonly string[], width: number, unicode: boolean): ScreenLine {
  const dash = unicode ? "─" : "-";
  const text = texts.find((one) => one.length + 4 <= width) ?? texts.at(-1)!;
  return [styled(`${dash}${dash} ${text} `.padEnd(width, dash), "dim")];
}
