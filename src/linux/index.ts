// Every touch of the kernel: netlink codecs and sockets, sock_diag, nftables, ipset, /proc and /sys, network
// namespaces.
//
// In:  requests as plain values; a SystemRoot, which says where /proc and /sys are.
// Out: columns (SocketTable), counters, and values that are null where the kernel does not say.
// Promises: codecs never touch sockets, and sockets never look into bytes. Calls block, so large ones belong in a
//      worker. Bytes that fit no layout are counted by cause, never thrown. Errors carry the operation and the kernel's
//      own words. libc.ts alone knows how the C library is called.

export { type Capability, probeDestroy, probeNetfilter } from "./capability.ts";
export { findUnits } from "./cgroup.ts";
export { type DecodeLosses, noLosses } from "./inet-diag-decode.ts";
export { AF_INET, AF_INET6 } from "./inet-diag-layout.ts";
export { IpsetCommand } from "./ipset-codec.ts";
export { type IpsetSocket, openIpsetSocket } from "./ipset-socket.ts";
export { Errno, openSocket, SyscallError, sendTo, trimMemory } from "./libc.ts";
export { LOGIN_PLACES, readLoginPeers } from "./login-peers.ts";
export {
  HOST_MACHINE,
  type MachineRoot,
  machineBelow,
  shownPath,
  shownPathBehindLinks,
} from "./machine-root.ts";
export { NetlinkError, NetlinkProtocol, type NetlinkTransport, openNetlinkSocket } from "./netlink-socket.ts";
export { enterNamespace, NamespaceError } from "./netns.ts";
export { type ElementChange, type SetElement, SetFlag, type SetShape } from "./nftables-codec.ts";
export {
  adding,
  deleting,
  NetfilterError,
  type NftablesSocket,
  openNftablesSocket,
} from "./nftables-socket.ts";
export { openServiceNotifier, type ServiceNotifier, watchdogPeriodMs } from "./notify.ts";
export { readGateways, readOwnAddresses } from "./own-addresses.ts";
export { PassiveOpens } from "./passive-opens.ts";
export { readPeerCredentials } from "./peer-credentials.ts";
export { readPlainFile } from "./plain-file.ts";
export {
  readConntrack,
  readMemory,
  readOpenFiles,
  readPageBytes,
  readTcpMemoryLimits,
  readUptime,
  type Use,
} from "./proc-machine.ts";
export {
  type Counters,
  readNetstat,
  readSnmp,
  readSockstat,
  readTcpSocketCount,
} from "./proc-net.ts";
export { readConntrackStats, readSoftnetDrops } from "./proc-net-drops.ts";
export {
  type DescriptorLimits,
  listPids,
  type ProcessTimes,
  readCommandLine,
  readDescriptorCount,
  readDescriptorLimits,
  readDescriptorSize,
  readProcessName,
  readProcessTimes,
  readStartTime,
  readUnit,
  TICKS_PER_SECOND,
} from "./proc-process.ts";
export { runProgram } from "./run-program.ts";
export { type RowsDestroyed, SockDestroyer, socketId } from "./sock-destroy.ts";
export { SockDiag, type Wanted } from "./sock-diag.ts";
export { SocketOwners } from "./socket-owners.ts";
export { NOT_TOLD, SocketTable } from "./socket-table.ts";
export {
  HOST_ROOT,
  isAbsent,
  isAbsentOrForbidden,
  isForbidden,
  readTextIfAllowed,
  type SystemRoot,
} from "./system-root.ts";
export { threadCpuMs } from "./thread-cpu.ts";
