// The terminal, taken over for a while: alternate screen, keys one by one, no cursor. Whatever ends the process, the
// terminal is given back: on a normal end and a failure by this class, on SIGKILL by the restorer.

import { closeSync, openSync, writeSync } from "node:fs";
import { ReadStream } from "node:tty";
import type { Paint } from "../output.ts";
import { drawFrame, type Frame } from "./frame.ts";
import { decodeKeys, flushKeys, type Key } from "./keys.ts";
import { renderLine, type ScreenLine } from "./line.ts";
import { ENTER, LEAVE } from "./modes.ts";
import { Restorer } from "./restorer.ts";

/** How long the rest of a sequence may take after its ESC, over a slow line. */
const ESCAPE_WAIT_MS = 100;

/** For a terminal that does not say how large it is. */
const FALLBACK_SIZE = { width: 80, height: 24 };

export interface TerminalEvents {
  readonly key: (key: Key) => void;
  /** The screen must be drawn: its size has changed, or it was somebody else's. */
  readonly draw: () => void;
  /** There is no terminal any more. */
  readonly gone: () => void;
}

export interface TerminalStreams {
  readonly input: ReadStream;
  readonly output: typeof process.stdout;
}

/**
 * The terminal of this process, or null where standard output is none or one that can do nothing. Keys come from
 * standard input. Where that is a file or a pipe, they come from the controlling terminal.
 */
export function findTerminal(): TerminalStreams | null {
  const { TERM } = process.env;
  if (!process.stdout.isTTY || TERM === "dumb") return null;
  if (process.stdin.isTTY) return { input: process.stdin, output: process.stdout };
  let fd: number | null = null;
  try {
    fd = openSync("/dev/tty", "r+");
    return { input: new ReadStream(fd), output: process.stdout };
  } catch {
    if (fd !== null) closeSync(fd);
    return null;
  }
}

export class Terminal implements Disposable {
  readonly #input: ReadStream;
  readonly #output: typeof process.stdout;
  readonly #events: TerminalEvents;
  readonly #restorer: Restorer;
  readonly #unlisten: (() => void)[] = [];
  /** Whether the screen is ours now. */
  #entered = false;
  /** The frame on the screen; null where it is unknown. */
  #shown: Frame | null = null;
  #rest: Uint8Array = new Uint8Array(0);
  #escapeTimer: NodeJS.Timeout | undefined;

  /** Takes the terminal over until it is disposed of. */
  constructor({ input, output }: TerminalStreams, events: TerminalEvents) {
    this.#input = input;
    this.#output = output;
    this.#events = events;
    this.#restorer = new Restorer(output.fd);
    this.#listen(process, "exit", () => this.#leave());
    // This listener runs before the error is printed.
    this.#listen(process, "uncaughtExceptionMonitor", () => this.#leave());
    this.#listen(process, "SIGTSTP", this.#onStop);
    this.#listen(process, "SIGCONT", () => this.#resume());
    this.#listen(output, "resize", () => events.draw());
    this.#listen(input, "data", (chunk: Uint8Array) => this.#receive(chunk));
    for (const end of ["end", "close", "error"]) this.#listen(input, end, () => events.gone());
    // This listener runs before the one that reports failed writes.
    const failed = (): void => events.gone();
    output.prependListener("error", failed);
    this.#unlisten.push(() => output.off("error", failed));
    this.#enter();
    input.resume();
  }

  get size(): { readonly width: number; readonly height: number } {
    const [width, height] = this.#output.getWindowSize?.() ?? [0, 0];
    return width > 0 && height > 0 ? { width, height } : FALLBACK_SIZE;
  }

  /** Shows the lines, as many as there is room for; nothing while the terminal is not ours. Waits for a slow terminal. */
  draw(lines: readonly ScreenLine[], paint: Paint): void {
    if (!this.#entered) return;
    const { width, height } = this.size;
    const rendered = Array.from({ length: height }, (_, i) => renderLine(lines[i] ?? [], width, paint));
    const next: Frame = { width, height, lines: rendered };
    const output = drawFrame(this.#shown, next);
    this.#shown = next;
    if (output !== "") this.#output.write(output);
  }

  /** The next draw() repaints everything. */
  forget(): void {
    this.#shown = null;
  }

  /** As Ctrl-Z does elsewhere: gives the terminal back and stops this job, until it is continued. */
  suspend(): void {
    this.#stop(0);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#escapeTimer);
    this.#leave();
    this.#restorer.end();
    for (const unlisten of this.#unlisten.splice(0)) unlisten();
    this.#input.pause();
    if (this.#input !== process.stdin) this.#input.destroy();
  }

  #listen(emitter: NodeJS.EventEmitter, event: string, listener: (...args: never[]) => void): void {
    const listening = listener as (...args: unknown[]) => void;
    emitter.on(event, listening);
    this.#unlisten.push(() => emitter.off(event, listening));
  }

  #enter(): void {
    this.#input.setRawMode(true);
    this.#restorer.arm();
    this.#entered = true;
    this.#shown = null;
    this.#output.write(ENTER);
  }

  #leave(): void {
    if (!this.#entered) return;
    this.#entered = false;
    writeAtOnce(this.#output.fd, LEAVE);
    // Throws where the terminal has gone.
    try {
      this.#input.setRawMode(false);
    } catch {}
    this.#restorer.disarm();
  }

  #onStop = (): void => this.#stop(process.pid);

  /** `target` as in kill(2): 0 is this process's group, as with a Ctrl-Z that the terminal itself sees. */
  #stop(target: number): void {
    this.#leave();
    // Without a handler the signal stops the process.
    process.off("SIGTSTP", this.#onStop);
    process.kill(target, "SIGTSTP");
    // Reached when continued. A group that nobody could continue does not stop at all (POSIX: an orphaned one).
    setTimeout(() => this.#resume(), 50);
  }

  #resume(): void {
    if (this.#entered || this.#unlisten.length === 0) return;
    process.on("SIGTSTP", this.#onStop);
    this.#enter();
    this.#events.draw();
  }

  #receive(chunk: Uint8Array): void {
    clearTimeout(this.#escapeTimer);
    const { keys, rest } = decodeKeys(Buffer.concat([this.#rest, chunk]));
    this.#rest = rest;
    for (const key of keys) this.#events.key(key);
    if (rest.length > 0) this.#escapeTimer = setTimeout(() => this.#flush(), ESCAPE_WAIT_MS);
  }

  #flush(): void {
    const keys = flushKeys(this.#rest);
    this.#rest = new Uint8Array(0);
    for (const key of keys) this.#events.key(key);
  }
}

/** Writes before it returns, since the process may end next. A terminal that takes nothing gets nothing. */
function writeAtOnce(fd: number, text: string): void {
  const bytes = Buffer.from(text);
  let written = 0;
  for (let tries = 0; written < bytes.length && tries < 50; tries++) {
    try {
      written += writeSync(fd, bytes, written);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") return;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
}
