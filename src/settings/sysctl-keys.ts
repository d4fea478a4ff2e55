// The names of sysctls: with dots or slashes, as a path below /proc/sys, as a pattern for many. Pure.

/** Both `net.ipv4.conf.eth0/5.rp_filter` and `net/ipv4/conf/eth0.5/rp_filter` are the former: the first separator rules. */
export function dottedKey(key: string): string {
  const first = /[./]/.exec(key)?.[0];
  return first === "/" ? swappedSeparators(key) : key;
}

/** The path below /proc/sys of a dotted key. */
export function sysctlPath(key: string): string {
  return swappedSeparators(key);
}

/** The dotted key of a path below /proc/sys. */
export function keyOfPath(path: string): string {
  return swappedSeparators(path);
}

/** Whether a key, or a pattern in which `*` stands for anything but a dot, means this key. */
export function keyMatches(pattern: string, key: string): boolean {
  if (!pattern.includes("*")) return pattern === key;
  return new RegExp(`^${pattern.split("*").map(RegExp.escape).join("[^.]*")}$`).test(key);
}

function swappedSeparators(key: string): string {
  return key.replace(/[./]/g, (separator) => (separator === "." ? "/" : "."));
}
