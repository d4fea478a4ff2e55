// Descriptor limits of systemd units: what a unit's files say, and the drop-in that says it better.

import type { LimitLine, ServiceFacts } from "./facts.ts";

export interface Limits {
  readonly soft: number;
  readonly hard: number;
}

export const DROP_IN_NAME = "90-sockwarden.conf";

export function dropInPath(unit: string): string {
  return `/etc/systemd/system/${unit}.d/${DROP_IN_NAME}`;
}

/** Names as systemd accepts them; nothing in them can leave the folder of units. */
export function isServiceName(name: string): boolean {
  return /^[A-Za-z0-9:_.@\\-]{1,240}\.service$/.test(name) && !name.startsWith(".");
}

/** `LimitNOFILE=` lines of one file. An empty value takes back what earlier ones said, which is systemd's default. */
export function parseLimitLines(file: string, text: string): LimitLine[] {
  const lines: LimitLine[] = [];
  let section = "";
  for (const [i, line] of text.split("\n").entries()) {
    section = /^\s*\[(.+)\]\s*$/.exec(line)?.[1] ?? section;
    const value = section === "Service" ? /^\s*LimitNOFILE\s*=\s*(\S+)\s*$/.exec(line)?.[1] : undefined;
    const limits = value === undefined ? null : parseLimits(value);
    if (limits !== null) lines.push({ file, line: i + 1, ...limits });
  }
  return lines;
}

/** systemd.exec(5): one number for both, or soft:hard, or `infinity`. */
export function parseLimits(text: string): Limits | null {
  const parts = text.split(":").map((part) => {
    if (part === "infinity") return Number.POSITIVE_INFINITY;
    return /^\d+$/.test(part) ? Number(part) : Number.NaN;
  });
  const [soft, hard = soft] = parts;
  if (soft === undefined || hard === undefined || parts.length > 2) return null;
  return Number.isNaN(soft) || Number.isNaN(hard) ? null : { soft, hard };
}

export function formatLimits({ soft, hard }: Limits): string {
  const text = (n: number): string => (n === Number.POSITIVE_INFINITY ? "infinity" : String(n));
  return soft === hard ? text(soft) : `${text(soft)}:${text(hard)}`;
}

/** Lines that systemd reads after our drop-in, so that theirs is the last word. */
export function limitLinesAfterOurs({ limitLines }: ServiceFacts): LimitLine[] {
  return limitLines.filter(({ file }) => isDropIn(file) && baseName(file) > DROP_IN_NAME);
}

const isDropIn = (file: string): boolean => /\.d\/[^/]+\.conf$/.test(file);
const baseName = (file: string): string => file.slice(file.lastIndexOf("/") + 1);
