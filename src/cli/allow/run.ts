// Runs `sockwarden allow` once its arguments are read.

import { showDone } from "../daemon-verbs/done.ts";
import { doneText } from "../daemon-verbs/done-text.ts";
import type { DaemonArguments } from "../daemon-verbs/options.ts";
import { withDaemon } from "../daemon-verbs/with-daemon.ts";
import { ALLOW_WORDS } from "./text.ts";

export interface AllowArguments extends DaemonArguments {
  readonly limit?: number;
  readonly reason?: string;
}

/** `source` is in its canonical form. */
export function runAllow(source: string, given: AllowArguments): Promise<void> {
  const { limit, reason } = given;
  const request = {
    source,
    ...(limit === undefined ? {} : { connectionsPerSource: limit }),
    ...(reason === undefined ? {} : { reason }),
  };
  return withDaemon(given, async (client) => {
    const done = await client.allow(request);
    showDone(given, done, doneText(ALLOW_WORDS, done));
  });
}
