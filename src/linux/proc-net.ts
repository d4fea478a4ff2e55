// The kernel's network counters in /proc/net, of the calling thread's network namespace. They are read below
// /proc/thread-self, because /proc/net follows the main thread, wherever the caller is.

import { readTextIfAllowed, type SystemRoot } from "./system-root.ts";

/** Counters by `Section.Name`, for example `Tcp.PassiveOpens` or `TcpExt.ListenOverflows`. */
export type Counters = ReadonlyMap<string, number>;

/** net/snmp: PassiveOpens, CurrEstab, RetransSegs and others. Empty if the file is absent. */
export function readSnmp(root: SystemRoot): Counters {
  return parsePairedLines(readTextIfAllowed(`${root.proc}/thread-self/net/snmp`) ?? "");
}

/** net/netstat: ListenOverflows, ListenDrops, SyncookiesSent and others. Empty if the file is absent. */
export function readNetstat(root: SystemRoot): Counters {
  return parsePairedLines(readTextIfAllowed(`${root.proc}/thread-self/net/netstat`) ?? "");
}

/** net/sockstat and net/sockstat6: `TCP.inuse`, `TCP.tw`, `TCP.mem`, `TCP6.inuse` and others. */
export function readSockstat(root: SystemRoot): Counters {
  const folder = `${root.proc}/thread-self/net`;
  const texts = [readTextIfAllowed(`${folder}/sockstat`), readTextIfAllowed(`${folder}/sockstat6`)];
  return parseSockstat(texts.join("\n"));
}

/** How many TCP sockets of all states a dump may hand over. It tells what a scan is going to cost. */
export function readTcpSocketCount(root: SystemRoot): number {
  const counters = readSockstat(root);
  return ["TCP.inuse", "TCP.tw", "TCP6.inuse"].reduce((sum, name) => sum + (counters.get(name) ?? 0), 0);
}

/**
 * Parses two lines a section: `Tcp: NAME NAME ...`, then `Tcp: VALUE VALUE ...`. Lines that do not pair up are left
 * out.
 */
export function parsePairedLines(text: string): Counters {
  const counters = new Map<string, number>();
  const lines = text.split("\n");
  for (let i = 0; i + 1 < lines.length; i += 2) {
    const [section, ...names] = lines[i]!.trim().split(/\s+/);
    const [again, ...values] = lines[i + 1]!.trim().split(/\s+/);
    if (section === undefined || section !== again || !section.endsWith(":")) continue;
    for (const [k, name] of names.entries())
      addNumber(counters, `${section.slice(0, -1)}.${name}`, values[k]);
  }
  return counters;
}

/** Parses lines such as `TCP: inuse 7 orphan 0 ...`. */
export function parseSockstat(text: string): Counters {
  const counters = new Map<string, number>();
  for (const line of text.split("\n")) {
    const [section, ...fields] = line.trim().split(/\s+/);
    if (section === undefined || !section.endsWith(":")) continue;
    for (let k = 0; k + 1 < fields.length; k += 2) {
      addNumber(counters, `${section.slice(0, -1)}.${fields[k]}`, fields[k + 1]);
    }
  }
  return counters;
}

function addNumber(counters: Map<string, number>, name: string, text: string | undefined): void {
  if (text !== undefined && /^-?\d+$/.test(text)) counters.set(name, Number(text));
}
