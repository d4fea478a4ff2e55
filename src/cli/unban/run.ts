// Runs `sockwarden unban` once its arguments are read.

import { showDone } from "../daemon-verbs/done.ts";
import { doneText } from "../daemon-verbs/done-text.ts";
import type { DaemonArguments } from "../daemon-verbs/options.ts";
import { withDaemon } from "../daemon-verbs/with-daemon.ts";
import { UNBAN_WORDS, unbanAllText } from "./text.ts";

export interface UnbanArguments extends DaemonArguments {
  readonly all?: true;
}

/** `sources` are in their canonical form; "all" lifts every ban and cap. */
export function runUnban(sources: readonly string[] | "all", given: UnbanArguments): Promise<void> {
  return withDaemon(given, async (client) => {
    const done = await client.unban({ sources });
    showDone(given, done, sources === "all" ? unbanAllText(done) : doneText(UNBAN_WORDS, done));
  });
}
