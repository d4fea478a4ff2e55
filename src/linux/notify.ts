// Tells the service manager how the daemon is (sd_notify(3)): one datagram of lines such as READY=1 to the unix socket
// that NOTIFY_SOCKET names. It also reads how often the manager wants a sign of life (sd_watchdog_enabled(3)).
//
//   struct sockaddr_un (linux/un.h):  0 family (u16)   2 path (108 bytes), ended by a zero; the length says where an
//   abstract address ends, whose first byte is zero and is written as `@` in NOTIFY_SOCKET.

import { close, openSocket, SyscallError, sendTo } from "./libc.ts";

const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
const PATH_BYTES_MAX = 108;

export interface ServiceNotifier {
  /** Whether a service manager listens: without one `notify` does nothing. */
  readonly wanted: boolean;
  /**
   * Sends lines such as `READY=1` or `STATUS=...` in one datagram. Never blocks. Throws SyscallError if the manager
   * does not take it.
   */
  notify(lines: readonly string[]): void;
}

/**
 * Opens a notifier by `NOTIFY_SOCKET` of the environment: a path, or `@` and an abstract name. Throws RangeError for
 * anything else.
 */
export function openServiceNotifier(environment: Readonly<NodeJS.ProcessEnv>): ServiceNotifier {
  const path = environment["NOTIFY_SOCKET"];
  if (path === undefined || path === "") return { wanted: false, notify: () => {} };
  const address = encodeUnixAddress(path);
  return { wanted: true, notify: (lines) => notifyService(address, lines) };
}

/**
 * How often to send `WATCHDOG=1`: half the time after which the manager gives the service up, as sd_watchdog_enabled(3)
 * advises. Null if the manager does not watch, or watches another process.
 */
export function watchdogPeriodMs(environment: Readonly<NodeJS.ProcessEnv>, pid: number): number | null {
  const { WATCHDOG_USEC: limit = "", WATCHDOG_PID: watched = String(pid) } = environment;
  if (!/^[1-9]\d{0,14}$/.test(limit) || watched !== String(pid)) return null;
  return Number(limit) / 2000;
}

/** The bytes of a sockaddr_un. Throws RangeError for a name that is neither absolute nor abstract, or too long. */
export function encodeUnixAddress(path: string): Uint8Array {
  const name = Buffer.from(path, "utf8");
  const abstract = path.startsWith("@");
  if ((!abstract && !path.startsWith("/")) || name.includes(0) || name.length + 1 > PATH_BYTES_MAX)
    throw new RangeError(
      `not the address of a unix socket: ${JSON.stringify(path)}; accepted is an absolute path or @NAME, of ${PATH_BYTES_MAX - 1} bytes at most`,
    );
  const address = new Uint8Array(2 + name.length + (abstract ? 0 : 1));
  new DataView(address.buffer).setUint16(0, AF_UNIX, true);
  address.set(name, 2);
  if (abstract) address[2] = 0;
  return address;
}

function notifyService(address: Uint8Array, lines: readonly string[]): void {
  const fd = openSocket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  try {
    sendTo(fd, Buffer.from(lines.map(withoutBreaks).join("\n")), address, MSG_DONTWAIT | MSG_NOSIGNAL);
  } catch (error) {
    if (error instanceof SyscallError) throw new SyscallError("notify the service manager", error.errno);
    throw error;
  } finally {
    close(fd);
  }
}

/** A status without line breaks, which would begin another assignment. */
function withoutBreaks(line: string): string {
  return line.replaceAll(/[\r\n]+/g, " ");
}
