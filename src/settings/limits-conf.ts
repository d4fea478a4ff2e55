// limits.conf and its folder (limits.conf(5)), which pam_limits applies to logins: DOMAIN TYPE ITEM VALUE.

import { type MachineRoot, readTextIfAllowed, shownPath } from "../linux/index.ts";
import { listConfFiles } from "./conf-folders.ts";

export interface LimitsConfLine {
  readonly file: string;
  readonly line: number;
  readonly domain: string;
  readonly type: "soft" | "hard" | "-";
  readonly item: string;
  /** Infinity for unlimited, infinity and -1. */
  readonly value: number;
  readonly text: string;
}

/** In the order of reading: limits.conf first, then the folder. */
export function readLimitsConf(root: MachineRoot): LimitsConfLine[] {
  const files = [`${root.etc}/security/limits.conf`, ...listConfFiles([`${root.etc}/security/limits.d`])];
  return files.flatMap((file) => parseLimitsConf(readTextIfAllowed(file) ?? "", shownPath(root, file)));
}

const LIMIT = /^(\S+)\s+(soft|hard|-)\s+(\w+)\s+(-?\d+|unlimited|infinity)$/;

/** Pure. */
export function parseLimitsConf(text: string, file: string): LimitsConfLine[] {
  return text.split("\n").flatMap((raw, i) => {
    const content = raw.replace(/#.*/, "").trim();
    const match = LIMIT.exec(content);
    if (match === null) return [];
    const [, domain, type, item, value] = match as unknown as [
      string,
      string,
      LimitsConfLine["type"],
      string,
      string,
    ];
    return [{ file, line: i + 1, domain, type, item, value: limitValue(value), text: content }];
  });
}

function limitValue(text: string): number {
  const value = Number(text);
  return Number.isNaN(value) || value < 0 ? Number.POSITIVE_INFINITY : value;
}
