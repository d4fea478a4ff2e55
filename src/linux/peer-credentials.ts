// The process at the other end of a unix socket, as the kernel noted it when that end connected (SO_PEERCRED, unix(7)).
//
//   struct ucred (linux/socket.h):  0 pid (i32)   4 uid (u32)   8 gid (u32)
//
// A pid of 0 is a process of another PID namespace. The process may have ended since, and its pid been given to
// another. So the pid is good for a log line, never for a decision. Decisions may rely on the uid.

import { type SocketOption, socketOption } from "./libc.ts";

export interface PeerCredentials {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

const UCRED_BYTES = 12;

/** asm-generic/socket.h */
const SO_PEERCRED: SocketOption = { name: "SO_PEERCRED", level: 1, option: 17 };

/** The credentials of the peer of a connected unix socket. Throws SyscallError if `fd` is none. */
export function readPeerCredentials(fd: number): PeerCredentials {
  const bytes = new Uint8Array(UCRED_BYTES);
  socketOption(fd, SO_PEERCRED, bytes);
  const view = new DataView(bytes.buffer);
  return { pid: view.getInt32(0, true), uid: view.getUint32(4, true), gid: view.getUint32(8, true) };
}
