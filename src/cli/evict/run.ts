// Runs `sockwarden evict` once its arguments are read.

import { showDone } from "../daemon-verbs/done.ts";
import { doneText } from "../daemon-verbs/done-text.ts";
import type { DaemonArguments } from "../daemon-verbs/options.ts";
import { withDaemon } from "../daemon-verbs/with-daemon.ts";
import { EVICT_WORDS } from "./text.ts";

export interface EvictArguments extends DaemonArguments {
  readonly listener?: string;
}

/** `source` is in its canonical form. */
export function runEvict(source: string, given: EvictArguments): Promise<void> {
  const request = { source, ...(given.listener === undefined ? {} : { listener: given.listener }) };
  return withDaemon(given, async (client) => {
    const done = await client.evict(request);
    const mode = given.json ? undefined : (await client.read("status")).mode;
    showDone(given, done, doneText(EVICT_WORDS, done, mode));
  });
}
