// What the kernel counts beside its sockets, read in the network namespace of the calling thread: some of it belongs to the
// namespace, some to the whole machine. Counters run since the namespace began, so two readings are compared.

import {
  type Counters,
  readConntrack,
  readNetstat,
  readOpenFiles,
  readSnmp,
  readSockstat,
  readTcpMemoryLimits,
  type SystemRoot,
  type Use,
} from "../linux/index.ts";

export interface KernelReading {
  /** net/snmp and net/netstat by `Section.Name`, for example `TcpExt.ListenOverflows`. */
  readonly counters: Counters;
  /** Entries of the namespace; null where connections are not tracked. */
  readonly conntrack: Use | null;
  /** Open files of the machine. */
  readonly openFiles: Use | null;
  /** Pages of memory that TCP has, of the machine, and beyond how many it refuses. */
  readonly tcpMemory: Use | null;
}

export function readKernel(root: SystemRoot): KernelReading {
  const pages = readSockstat(root).get("TCP.mem");
  const limits = readTcpMemoryLimits(root);
  return {
    counters: new Map([...readSnmp(root), ...readNetstat(root)]),
    conntrack: readConntrack(root),
    openFiles: readOpenFiles(root),
    tcpMemory: pages === undefined || limits === null ? null : { used: pages, limit: limits.most },
  };
}
