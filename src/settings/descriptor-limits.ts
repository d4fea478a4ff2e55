// The descriptors that a service may have: LimitNOFILE of its unit, and Sockwarden's own drop-in.

import type { DescriptorLimits } from "../linux/index.ts";
import type { UnitSetting } from "./unit-lines.ts";

/** The limits that systemd gives, since version 240, to a unit without LimitNOFILE. */
export const SYSTEMD_LIMITS: DescriptorLimits = { soft: 1024, hard: 524_288 };

/** fs.nr_open's value since Linux 2.6.25, where its file is missing. It is the ceiling of every process's limit. */
export const NR_OPEN_USUAL = 1_048_576;

/** A LimitNOFILE= line with a valid limit. */
export interface LimitLine extends DescriptorLimits {
  readonly file: string;
  readonly line: number;
}

/** In the order of the settings; the last one is in force. */
export function descriptorLimitLines(settings: readonly UnitSetting[]): LimitLine[] {
  return settings.flatMap(({ name, value, file, line }) => {
    const limits = name === "LimitNOFILE" ? parseDescriptorLimits(value) : null;
    return limits === null ? [] : [{ file, line, ...limits }];
  });
}

/** `N` for both, `SOFT:HARD`, or `infinity` (systemd.exec(5)); null for any other text. */
export function parseDescriptorLimits(value: string): DescriptorLimits | null {
  const parts = value.split(":").map((part) => {
    if (part === "infinity") return Number.POSITIVE_INFINITY;
    return /^\d+$/.test(part) ? Number(part) : Number.NaN;
  });
  const [soft, hard = soft] = parts;
  if (soft === undefined || hard === undefined || parts.length > 2) return null;
  return Number.isNaN(soft) || Number.isNaN(hard) ? null : { soft, hard };
}

export function formatDescriptorLimits({ soft, hard }: DescriptorLimits): string {
  const text = (n: number): string => (n === Number.POSITIVE_INFINITY ? "infinity" : String(n));
  return soft === hard ? text(soft) : `${text(soft)}:${text(hard)}`;
}

const OWN_DROP_IN = "90-sockwarden.conf";

/** Sockwarden's own drop-in of a unit. */
export function ownDropInPath(unit: string): string {
  return `/etc/systemd/system/${unit}.d/${OWN_DROP_IN}`;
}

/** Lines that systemd reads after our drop-in, so that theirs is the last word. */
export function limitLinesAfterOurs(lines: readonly LimitLine[]): LimitLine[] {
  return lines.filter(({ file }) => {
    const name = /\.d\/([^/]+\.conf)$/.exec(file)?.[1];
    return name !== undefined && name > OWN_DROP_IN;
  });
}
