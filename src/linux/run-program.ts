// Runs a program of the system to its end. Its arguments are a list. It inherits the calling thread's network
// namespace, so a worker thread that has entered one can ask programs about it.

import { spawnSync } from "node:child_process";
import { errorCode } from "../model/index.ts";

export interface ProgramOutput {
  /** Null if the program could not be started or a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  /** The program's own words, or the reason why it did not start. */
  readonly stderr: string;
}

const TIMEOUT_MS = 10_000;
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;

/**
 * Runs a program; null if there is no such program. The program reads `input` from stdin, which is a socket: a program
 * that opens it anew fails (nft). PATH is extended, because nft and friends live in /usr/sbin, which is not in
 * everybody's PATH.
 */
export function runProgram(argv: readonly string[], input?: string): ProgramOutput | null {
  const { PATH = "/usr/bin:/bin" } = process.env;
  const { error, status, stdout, stderr } = spawnSync(argv[0]!, argv.slice(1), {
    encoding: "utf8",
    stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    ...(input === undefined ? {} : { input }),
    timeout: TIMEOUT_MS,
    maxBuffer: OUTPUT_BYTES_MAX,
    env: { ...process.env, PATH: `${PATH}:/usr/sbin:/sbin`, LC_ALL: "C" },
  });
  if (errorCode(error) === "ENOENT") return null;
  return { code: status, stdout: stdout ?? "", stderr: (error?.message ?? stderr).trim() };
}
