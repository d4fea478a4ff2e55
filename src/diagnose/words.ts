// Numbers as people read them in a sentence.

import { formatDuration } from "../model/index.ts";

/** 1 004: thousands apart. */
export function numberText(n: number): string {
  return String(Math.round(n)).replace(/\B(?=(\d{3})+$)/g, " ");
}

/** "1 connection", "684 connections". */
export function countText(n: number, noun: string, plural: string = `${noun}s`): string {
  return `${numberText(n)} ${Math.round(n) === 1 ? noun : plural}`;
}

/** "+6.7/s". */
export function rateText(perSecond: number): string {
  const size = Math.abs(perSecond);
  const digits = size >= 100 ? size.toFixed(0) : size.toFixed(1);
  return `${perSecond < 0 ? "-" : "+"}${digits}/s`;
}

/** "3s", "2h5m"; of what is under a second "under 1s". */
export function waitText(ms: number): string {
  return ms < 1000 ? "under 1s" : formatDuration(ms);
}

/** "a, b and c". */
export function listText(items: readonly string[]): string {
  return items.length < 2 ? (items[0] ?? "") : `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
}
