// Runs `sockwarden bans` once its arguments are read: asks, and shows the newest.

import type { DaemonArguments } from "../daemon-verbs/options.ts";
import { showDocument } from "../daemon-verbs/show.ts";
import { withDaemon } from "../daemon-verbs/with-daemon.ts";
import { paintStdout } from "../output.ts";
import { bansText, newestFirst, TOP_BANS } from "./text.ts";

export interface BansArguments extends DaemonArguments {
  readonly top?: number;
}

export function runBans(given: BansArguments): Promise<void> {
  return withDaemon(given, async (client) => {
    const document = await client.read("bans");
    const all = document.bans.length;
    const mode = given.json ? undefined : (await client.read("status")).mode;
    showDocument(given, { ...document, bans: newestFirst(document.bans, given.top ?? all) }, () =>
      bansText(document, given.top ?? TOP_BANS, Date.now(), paintStdout, mode),
    );
  });
}
