// The lines of a sysctl file (sysctl.conf(5), sysctl.d(5)): `key = value`, a leading `-` for "no matter if it fails", and
// comments with # or ;. Pure.

export interface SysctlLine {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** With dots, whatever the file had: `net.ipv4.tcp_mem`. May contain `*`. */
  readonly key: string;
  /** Numbers separated by one blank each, as the kernel's files have them by tabs. */
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

/** Both `net.ipv4.conf.eth0/5.rp_filter` and `net/ipv4/conf/eth0.5/rp_filter` are the former: the first separator rules. */
export function dottedKey(key: string): string {
  const first = /[./]/.exec(key)?.[0];
  return first === "/" ? swapped(key) : key;
}

/** The path below /proc/sys of a dotted key. */
export function sysctlPath(key: string): string {
  return swapped(key);
}

export function normalValue(value: string): string {
  return value.trim().replace(/\s+/g, " ");
}

function swapped(key: string): string {
  return key.replace(/[./]/g, (separator) => (separator === "." ? "/" : "."));
}
