// Times as people read them: the distance from the present, and the moment itself. Pure.

import { formatDuration } from "../../model/index.ts";

/** `9m 40s` */
export function spanText(ms: number): string {
  // Nobody counts below a second.
  return ms < 1000 ? "0s" : formatDuration(ms).replaceAll(/(?<=[a-z])(?=\d)/g, " ");
}

/** `12m ago`; a clock that is behind makes no negative times. */
export function ago(at: string, now: number): string {
  const ms = now - Date.parse(at);
  return ms < 1000 ? "now" : `${spanText(ms)} ago`;
}

/** `in 9m 40s`, or `over` */
export function ahead(at: string, now: number): string {
  const ms = Date.parse(at) - now;
  return ms <= 0 ? "over" : `in ${spanText(ms)}`;
}

/** `2026-11-22 16:04:05Z`; the text itself where it is no time. */
export function utcText(at: string): string {
  const ms = Date.parse(at);
  return Number.isNaN(ms) ? at : `${new Date(ms).toISOString().slice(0, 19).replace("T", " ")}Z`;
}
