// The lines of a sysctl file (sysctl.conf(5), sysctl.d(5)): `key = value`, a leading `-` for "no matter if it fails", and
// comments with # or ;. Pure.

import { dottedKey, keyMatches } from "./sysctl-keys.ts";
import { normalValue } from "./sysctl-values.ts";

export interface SysctlLine {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** With dots, whatever the file had: `net.ipv4.tcp_mem`. May contain `*`. */
  readonly key: string;
  /** Numbers with one blank between them; the kernel's files have tabs. */
  readonly value: string;
  readonly optional: boolean;
  readonly text: string;
}

export function parseSysctlLines(text: string, file: string): SysctlLine[] {
  return text.split("\n").flatMap((raw, i) => {
    const content = raw.trim();
    const match = /^(-?)\s*([^=\s#;][^=]*?)\s*=\s*(.*)$/.exec(content);
    if (match === null || /^[#;]/.test(content)) return [];
    const [, dash, key, value] = match;
    const line = { file, line: i + 1, key: dottedKey(key!), value: normalValue(value!) };
    return [{ ...line, optional: dash === "-", text: content }];
  });
}

/** The line that sets the key: the last one in the order of reading, but a name beats a pattern. */
export function winningLine(lines: readonly SysctlLine[], key: string): SysctlLine | undefined {
  return lines.findLast((line) => line.key === key) ?? lines.findLast((line) => keyMatches(line.key, key));
}

/** `FILE:LINE`, of a line of any of the machine's files. */
export function linePlace({ file, line }: { readonly file: string; readonly line: number }): string {
  return `${file}:${line}`;
}
