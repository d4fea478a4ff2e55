// A process of its own that gives the terminal back when its killed parent could not. It reads lines from standard
// input until that closes; only the parent holds the other end:
//
//   armed STATE     the parent has taken the terminal over; STATE is what `stty -g` said then
//   clean           the parent has given it back
//
// Unless the last word was `clean`, it writes LEAVE and restores the state named in its argument. It has a session of
// its own, so it may write to a terminal that has become somebody else's without being stopped. It ends when its parent
// does.
//
// It races with the parent's shell: a prompt that is written before LEAVE is lost with the alternate screen. Hence one
// blocking read in place of an event loop, everything prepared before it, and redrawPrompt() for a race that was lost.

import { spawnSync } from "node:child_process";
import { constants, openSync, readSync, writeSync } from "node:fs";
import { LEAVE } from "./modes.ts";

/**
 * Not one of the first three: when Node ends, it resets those that are terminals to the settings they had at its start.
 */
const TERMINAL = 3;
const PATIENCE_MS = 2000;
const LINE_CHARACTERS_MAX = 1000;

// Only the end of the parent ends this process.
for (const signal of ["SIGINT", "SIGHUP", "SIGTERM"] as const) process.on(signal, () => {});

const leave = Buffer.from(LEAVE);
const received = Buffer.alloc(LINE_CHARACTERS_MAX);
const fd = openWithoutBlocking();
// An empty write that makes the next call a fast one.
write(leave.subarray(0, 0));

let last = "";
let text = "";
for (;;) {
  const length = readSync(0, received);
  if (length === 0) break;
  text = (text + received.toString("latin1", 0, length)).slice(-LINE_CHARACTERS_MAX);
  last = text.trimEnd().split("\n").at(-1)!;
}
if (last !== "clean") {
  writePatiently();
  restoreState(process.argv[2] ?? "", last.replace(/^armed ?/, ""));
}
process.exit();

/** The terminal, opened anew so that writing does not block; the old descriptor where that is not allowed. */
function openWithoutBlocking(): number {
  try {
    return openSync(
      `/proc/self/fd/${TERMINAL}`,
      constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY,
    );
  } catch {
    return TERMINAL;
  }
}

/** A stopped terminal (Ctrl-S) takes nothing; it is given up after a while. */
function writePatiently(): void {
  const untilMs = performance.now() + PATIENCE_MS;
  for (let rest = write(leave); rest.length > 0 && performance.now() < untilMs; rest = write(rest)) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
  }
}

/** Returns the rest that could not be written; nothing where the terminal has gone. */
function write(bytes: Buffer): Buffer {
  try {
    return bytes.subarray(writeSync(fd, bytes));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EAGAIN" ? bytes : bytes.subarray(bytes.length);
  }
}

function restoreState(saved: string, armed: string): void {
  if (saved === "") return;
  const now = stty("-g");
  if (armed === "" || now === armed) stty(saved);
  else if (now !== saved) redrawPrompt();
}

/**
 * Leaves the settings to a shell with a line editor, which has set the terminal up for itself by then. The shell's
 * prompt went to the alternate screen. A change of the terminal's size makes it write the prompt again.
 */
function redrawPrompt(): void {
  const rows = Number(stty("size").split(" ")[0]);
  if (!Number.isInteger(rows) || rows < 2) return;
  stty("rows", String(rows - 1));
  stty("rows", String(rows));
}

function stty(...args: string[]): string {
  const { stdout } = spawnSync("stty", args, {
    stdio: [TERMINAL, "pipe", "ignore"],
    timeout: PATIENCE_MS,
    killSignal: "SIGKILL",
    encoding: "utf8",
  });
  return (stdout ?? "").trim();
}
