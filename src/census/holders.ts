// Which processes hold the accepted connections, counted. A connection that several processes hold (a server that forks
// after accepting, or passes descriptors on) counts for each of them.

import { SocketOwners, type SocketTable, type SystemRoot } from "../linux/index.ts";
import { TcpState } from "../model/index.ts";
import type { Holder } from "./census.ts";
import { NO_ROW } from "./count.ts";
import { readListeningProcess } from "./listeners.ts";
import type { TallyRows } from "./tally.ts";

/** The holders of the connections in `table` that belong to a listener, the largest first. */
export function findHolders(
  root: SystemRoot,
  table: SocketTable,
  { rowOf, tally }: { readonly rowOf: Int32Array; readonly tally: TallyRows },
): Holder[] {
  const rows = heldRows(table, rowOf);
  const inodes = new Set(rows.map((row) => table.inode[row]!).filter((inode) => inode !== 0));
  const { pidsOf } = new SocketOwners(root, () => performance.now()).find(inodes);
  const counts = new Map<number | null, Map<number, number>>();
  for (const row of rows) {
    const pids = pidsOf.get(table.inode[row]!) ?? [];
    const listener = tally.listener[rowOf[row]!]!;
    for (const pid of pids.length > 0 ? pids : [null]) {
      const listeners = counts.get(pid) ?? new Map<number, number>();
      counts.set(pid, listeners.set(listener, (listeners.get(listener) ?? 0) + 1));
    }
  }
  return [...counts]
    .map(([pid, listeners]) => ({
      process: pid === null ? null : readListeningProcess(root, pid),
      connections: [...listeners.values()].reduce((sum, n) => sum + n, 0),
      listeners,
    }))
    .sort((a, b) => b.connections - a.connections);
}

/** Rows of listeners' connections that hold a descriptor or will. */
function heldRows(table: SocketTable, rowOf: Int32Array): number[] {
  const rows: number[] = [];
  for (let row = 0; row < table.length; row++) {
    const state = table.state[row]!;
    const held = state === TcpState.ESTABLISHED || state === TcpState.CLOSE_WAIT;
    if (held && rowOf[row] !== NO_ROW) rows.push(row);
  }
  return rows;
}
