// PassiveOpens of net/snmp: how many inbound handshakes have ever been finished in the network namespace. It is read
// fifty times a second, so the file is kept open, read in one call and searched without making strings. A kept
// descriptor goes on showing the namespace of the thread that opened it (proc_net_open() in fs/proc/proc_net.c holds
// it).

import { closeSync, openSync, readSync } from "node:fs";
import { isAbsentOrForbidden, type SystemRoot } from "./system-root.ts";

/** Far more than the file has: about 1.4 KiB on 6.18. */
const SNMP_BYTES_MAX = 8192;
const COUNTER_NAME = "PassiveOpens";
const LINE = "\nTcp: ";

const SPACE = 0x20;
const NEWLINE = 0x0a;
const DIGIT_0 = 0x30;

export class PassiveOpens implements Disposable {
  readonly #fd: number | null;
  readonly #bytes = Buffer.alloc(SNMP_BYTES_MAX);
  /** The place of the value in the line. It is found once, because the kernel does not move its columns. */
  #column: number | null = null;

  constructor(fd: number | null) {
    this.#fd = fd;
  }

  /** Opens the counter of the calling thread's namespace. */
  static open(root: SystemRoot): PassiveOpens {
    try {
      return new PassiveOpens(openSync(`${root.proc}/thread-self/net/snmp`, "r"));
    } catch (error) {
      if (isAbsentOrForbidden(error)) return new PassiveOpens(null);
      throw error;
    }
  }

  /** The counter; null if the kernel does not show it. */
  read(): number | null {
    if (this.#fd === null) return null;
    const length = readSync(this.#fd, this.#bytes, 0, SNMP_BYTES_MAX, 0);
    const names = this.#bytes.indexOf(LINE);
    const values = names < 0 ? -1 : this.#bytes.indexOf(LINE, names + 1);
    if (values < 0 || values >= length) return null;
    this.#column ??= columnOf(this.#bytes.toString("latin1", names + LINE.length, values));
    return numberAt(this.#bytes, values + LINE.length, this.#column);
  }

  [Symbol.dispose](): void {
    if (this.#fd !== null) closeSync(this.#fd);
  }
}

/** The place of the name in its line; -1 if it is missing. */
function columnOf(names: string): number {
  return names.trim().split(" ").indexOf(COUNTER_NAME);
}

/** The value in place `column` of a line of values that begins at `from`. */
function numberAt(bytes: Buffer, from: number, column: number): number | null {
  if (column < 0) return null;
  let at = from;
  for (let skipped = 0; skipped < column; at++) {
    if (bytes[at] === NEWLINE || at >= bytes.length) return null;
    if (bytes[at] === SPACE) skipped++;
  }
  let value = 0;
  let digits = 0;
  for (; at < bytes.length; at++, digits++) {
    const digit = bytes[at]! - DIGIT_0;
    if (digit < 0 || digit > 9) break;
    value = 10 * value + digit;
  }
  return digits > 0 ? value : null;
}
