// The C library's calls that Sockwarden needs. This is the only file that knows koffi: another way into the kernel
// (node:ffi, an addon) replaces this file alone. Every function takes and returns numbers and byte buffers only, and
// blocks the calling thread. It throws SyscallError with the kernel's errno when the call fails.

import koffi from "koffi";
import { Refusal } from "../model/index.ts";

const libc = koffi.load("libc.so.6");

// koffi does not know ssize_t; intptr_t has the same size on every 64-bit Linux.
const c = {
  socket: libc.func("int socket(int domain, int type, int protocol)"),
  bind: libc.func("int bind(int fd, const void *address, uint32_t length)"),
  setsockopt: libc.func("int setsockopt(int fd, int level, int name, const void *value, uint32_t length)"),
  getsockopt: libc.func("int getsockopt(int fd, int level, int name, void *value, void *length)"),
  getsockname: libc.func("int getsockname(int fd, void *address, void *length)"),
  sendto: libc.func(
    "intptr_t sendto(int fd, const void *data, size_t length, int flags, const void *address, uint32_t addressLength)",
  ),
  recvfrom: libc.func(
    "intptr_t recvfrom(int fd, void *data, size_t length, int flags, void *address, void *addressLength)",
  ),
  close: libc.func("int close(int fd)"),
  setns: libc.func("int setns(int fd, int type)"),
  mallocTrim: libc.func("int malloc_trim(size_t keep)"),
  strerror: libc.func("const char *strerror(int errno)"),
};

/** The errno values that callers distinguish (asm-generic/errno-base.h and errno.h). */
export const Errno = {
  EPERM: 1,
  ENOENT: 2,
  ESRCH: 3,
  EINTR: 4,
  EAGAIN: 11,
  EACCES: 13,
  EBUSY: 16,
  EEXIST: 17,
  EINVAL: 22,
  EOPNOTSUPP: 95,
  ENOBUFS: 105,
} as const;

/** The C library's text for an errno that came in a message, not from a call. */
export function errorText(errno: number): string {
  return `${c.strerror(errno)} (errno ${errno})`;
}

/** Returns free memory that the C library keeps for itself to the kernel (malloc_trim(3)); glibc only. */
export function trimMemory(): void {
  c.mallocTrim(0);
}

/** A failed system call: its name, the errno, and the C library's text for it. */
export class SyscallError extends Refusal {
  readonly operation: string;
  readonly errno: number;

  constructor(operation: string, errno: number) {
    super(`${operation}: ${errorText(errno)}`);
    this.operation = operation;
    this.errno = errno;
  }
}

/** socket(2). Returns the new descriptor; the caller closes it. */
export function openSocket(domain: number, type: number, protocol: number): number {
  return checked("socket", c.socket(domain, type, protocol));
}

/** bind(2) to a raw sockaddr. */
export function bind(fd: number, address: Uint8Array): void {
  checked("bind", c.bind(fd, address, address.length));
}

/** setsockopt(2) with an int value. */
export function setSocketInt(fd: number, option: SocketOption, value: number): void {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, value, true);
  setSocketBytes(fd, option, bytes);
}

/** setsockopt(2) with a raw value, for example a struct timeval. */
export function setSocketBytes(fd: number, option: SocketOption, value: Uint8Array): void {
  checked(`setsockopt ${option.name}`, c.setsockopt(fd, option.level, option.option, value, value.length));
}

/** getsockopt(2) into `value`. Returns the length that the kernel wrote. */
export function socketOption(fd: number, option: SocketOption, value: Uint8Array): number {
  const length = new Uint32Array([value.length]);
  checked(`getsockopt ${option.name}`, c.getsockopt(fd, option.level, option.option, value, length));
  return length[0]!;
}

/** A socket option with the name that an error message shows. */
export interface SocketOption {
  readonly name: string;
  readonly level: number;
  readonly option: number;
}

/** getsockname(2) into `address`. Returns the length that the kernel wrote. */
export function socketName(fd: number, address: Uint8Array): number {
  const length = new Uint32Array([address.length]);
  checked("getsockname", c.getsockname(fd, address, length));
  return length[0]!;
}

/** sendto(2); an empty `address` sends to the connected or default peer. Returns the bytes taken. */
export function sendTo(fd: number, data: Uint8Array, address: Uint8Array | null, flags = 0): number {
  return checked("sendto", Number(c.sendto(fd, data, data.length, flags, address, address?.length ?? 0)));
}

const addressLength = new Uint32Array(1);

/**
 * recvfrom(2): fills `data` and the sender's `address`. With MSG_TRUNC in `flags` the result is the message's whole
 * length, even if it is longer than `data`.
 */
export function receiveFrom(fd: number, data: Uint8Array, address: Uint8Array, flags: number): number {
  addressLength[0] = address.length;
  return checked("recvfrom", Number(c.recvfrom(fd, data, data.length, flags, address, addressLength)));
}

/** close(2). An error is not reported: the descriptor is gone either way. */
export function close(fd: number): void {
  c.close(fd);
}

const CLONE_NEWNET = 0x40000000;

/** setns(2): moves the calling thread, and no other, into the network namespace open at `fd`. */
export function enterNetworkNamespace(fd: number): void {
  checked("setns", c.setns(fd, CLONE_NEWNET));
}

function checked(operation: string, result: number): number {
  if (result < 0) throw new SyscallError(operation, koffi.errno());
  return result;
}
