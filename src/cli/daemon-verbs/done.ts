// Shows the daemon's answer to a change, and ends with 1 where anything failed.

import type { DoneDocument } from "../../client/index.ts";
import { ExitCode } from "../exit-code.ts";
import { printJson, printNote } from "../output.ts";
import { failureLines } from "./done-text.ts";
import type { DaemonArguments } from "./options.ts";

/** Changes go to stdout, failures to stderr. An empty `text` is not shown. */
export function showDone(given: DaemonArguments, done: DoneDocument, text: string): void {
  if (given.json) printJson(done);
  else {
    if (text !== "") process.stdout.write(`${text}\n`);
    for (const line of failureLines(done)) printNote(line);
  }
  if (done.failed.length > 0) process.exitCode = ExitCode.FAILED;
}
