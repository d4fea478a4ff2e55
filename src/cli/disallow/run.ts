// Runs `sockwarden disallow` once its arguments are read.

import { showDone } from "../daemon-verbs/done.ts";
import { doneText } from "../daemon-verbs/done-text.ts";
import type { DaemonArguments } from "../daemon-verbs/options.ts";
import { withDaemon } from "../daemon-verbs/with-daemon.ts";
import { DISALLOW_WORDS } from "./text.ts";

/** `source` is in its canonical form. */
export function runDisallow(source: string, given: DaemonArguments): Promise<void> {
  return withDaemon(given, async (client) => {
    const done = await client.disallow(source);
    showDone(given, done, doneText(DISALLOW_WORDS, done));
  });
}
