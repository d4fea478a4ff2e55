// The parent's end of restorer-process.ts.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { Socket } from "node:net";
import { fileURLToPath } from "node:url";

/** A process that restores a terminal if this one is killed. Where it cannot be started, all else works without it. */
export class Restorer {
  readonly #child: ChildProcess;
  readonly #fd: number;

  /** `fd` is the terminal, not yet taken over. */
  constructor(fd: number) {
    this.#fd = fd;
    // Beside this file, compiled or not.
    const file = import.meta.url.endsWith(".ts") ? "./restorer-process.ts" : "./restorer-process.js";
    const path = fileURLToPath(new URL(file, import.meta.url));
    const { PATH } = process.env;
    this.#child = spawn(process.execPath, [path, terminalState(fd)], {
      detached: true,
      stdio: ["pipe", "ignore", "ignore", fd],
      env: { PATH },
    });
    const ignore = (): void => {};
    this.#child.on("error", ignore);
    this.#child.stdin?.on("error", ignore);
    this.#child.unref();
    if (this.#child.stdin instanceof Socket) this.#child.stdin.unref();
  }

  /** The terminal has been taken over. */
  arm(): void {
    this.#child.stdin?.write(`armed ${terminalState(this.#fd)}\n`);
  }

  /** The terminal has been given back. */
  disarm(): void {
    this.#child.stdin?.write("clean\n");
  }

  end(): void {
    this.#child.stdin?.end();
  }
}

/** The state that `stty` can restore, or an empty text. */
function terminalState(fd: number): string {
  const { stdout } = spawnSync("stty", ["-g"], {
    stdio: [fd, "pipe", "ignore"],
    timeout: 1000,
    encoding: "utf8",
  });
  const state = (stdout ?? "").trim();
  return /^[0-9a-f:]+$/i.test(state) ? state : "";
}
