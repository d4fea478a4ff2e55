// Runs `sockwarden allowlist` once its arguments are read: asks, and shows.

import type { DaemonArguments } from "../daemon-verbs/options.ts";
import { showDocument } from "../daemon-verbs/show.ts";
import { withDaemon } from "../daemon-verbs/with-daemon.ts";
import { paintStdout } from "../output.ts";
import { allowlistText } from "./text.ts";

export function runAllowlist(given: DaemonArguments): Promise<void> {
  return withDaemon(given, async (client) => {
    const document = await client.read("allowlist");
    showDocument(given, document, () => allowlistText(document, paintStdout));
  });
}
