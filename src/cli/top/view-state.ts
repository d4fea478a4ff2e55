// The viewer's choices, and how keys change them. Pure.

import type { Key, KeyName } from "../terminal/keys.ts";

export const SORT_KEYS = ["connections", "growth", "silent", "source"] as const;
export type SortKey = (typeof SORT_KEYS)[number];

/** How much of the screen listeners get: what they need up to a third, all, or nothing. */
export const LISTENERS_SHOWN = ["some", "only", "none"] as const;
export type ListenersShown = (typeof LISTENERS_SHOWN)[number];

/** The choices of + and -. */
export const INTERVALS_MS = [200, 500, 1000, 2000, 5000, 10_000, 30_000, 60_000] as const;

const FILTER_CHARACTERS_MAX = 60;

export interface ViewState {
  readonly sort: SortKey;
  readonly reversed: boolean;
  /** Empty for none. */
  readonly filter: string;
  /** The filter being typed; null while none is. */
  readonly prompt: string | null;
  readonly listeners: ListenersShown;
  /** Rows scrolled past. */
  readonly offset: number;
  readonly paused: boolean;
  readonly intervalMs: number;
  readonly help: boolean;
}

export function initialView(intervalMs: number): ViewState {
  return {
    sort: "connections",
    reversed: false,
    filter: "",
    prompt: null,
    listeners: "some",
    offset: 0,
    paused: false,
    intervalMs,
    help: false,
  };
}

/** The shown part of a scrolled block: `page` rows of `total`. */
export interface Extent {
  readonly page: number;
  readonly total: number;
}

/** The request of a key beyond a changed view. */
export type ViewRequest = "quit" | "suspend" | "repaint";

export interface Pressed {
  readonly state: ViewState;
  readonly request: ViewRequest | null;
}

export function press(state: ViewState, key: Key, extent: Extent): Pressed {
  const request = key.kind === "named" ? REQUESTS[key.name] : undefined;
  if (request !== undefined) return { state, request };
  if (state.prompt !== null) return changed(typed(state, state.prompt, key));
  if (key.kind === "named") return changed(moved(state, key.name, extent));
  if (key.text === "q") return { state, request: "quit" };
  return changed(chosen(state, key.text, extent));
}

/** The offset nearest to the wished one that leaves no room unused. */
export function clampOffset(offset: number, { page, total }: Extent): number {
  return Math.max(0, Math.min(offset, total - page));
}

const REQUESTS: Readonly<Partial<Record<KeyName, ViewRequest>>> = {
  interrupt: "quit",
  suspend: "suspend",
  repaint: "repaint",
};

function changed(state: ViewState): Pressed {
  return { state, request: null };
}

function typed(state: ViewState, prompt: string, key: Key): ViewState {
  if (key.kind === "text") return { ...state, prompt: (prompt + key.text).slice(0, FILTER_CHARACTERS_MAX) };
  switch (key.name) {
    case "enter":
      return { ...state, prompt: null, filter: prompt.trim(), offset: 0 };
    case "escape":
      return { ...state, prompt: null, filter: "", offset: 0 };
    case "backspace":
      return { ...state, prompt: [...prompt].slice(0, -1).join("") };
    case "clearLine":
      return { ...state, prompt: "" };
    default:
      return state;
  }
}

function moved(state: ViewState, name: KeyName, extent: Extent): ViewState {
  const to = (offset: number): ViewState => ({ ...state, offset: clampOffset(offset, extent) });
  const page = Math.max(1, extent.page);
  switch (name) {
    case "up":
      return to(state.offset - 1);
    case "down":
      return to(state.offset + 1);
    case "pageUp":
      return to(state.offset - page);
    case "pageDown":
      return to(state.offset + page);
    case "home":
      return to(0);
    case "end":
      return to(extent.total);
    case "escape":
      return state.help ? { ...state, help: false } : { ...state, filter: "", offset: 0 };
    default:
      return state;
  }
}

function chosen(state: ViewState, text: string, extent: Extent): ViewState {
  switch (text) {
    case "s":
    case ">":
      return { ...state, sort: next(SORT_KEYS, state.sort, 1), offset: 0 };
    case "<":
      return { ...state, sort: next(SORT_KEYS, state.sort, -1), offset: 0 };
    case "r":
      return { ...state, reversed: !state.reversed, offset: 0 };
    case "/":
      return { ...state, prompt: state.filter, help: false };
    case "l":
      return { ...state, listeners: next(LISTENERS_SHOWN, state.listeners, 1), offset: 0 };
    case "p":
    case " ":
      return { ...state, paused: !state.paused };
    case "+":
    case "=":
      return { ...state, intervalMs: INTERVALS_MS.find((ms) => ms > state.intervalMs) ?? state.intervalMs };
    case "-":
      return {
        ...state,
        intervalMs: INTERVALS_MS.findLast((ms) => ms < state.intervalMs) ?? state.intervalMs,
      };
    case "?":
    case "h":
      return { ...state, help: !state.help };
    case "j":
      return moved(state, "down", extent);
    case "k":
      return moved(state, "up", extent);
    default:
      return state;
  }
}

function next<T>(all: readonly T[], current: T, step: number): T {
  return all[(all.indexOf(current) + step + all.length) % all.length]!;
}
