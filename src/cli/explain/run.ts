// Runs `sockwarden explain` once its arguments are read: asks, and shows.

import type { DaemonArguments } from "../daemon-verbs/options.ts";
import { showDocument } from "../daemon-verbs/show.ts";
import { withDaemon } from "../daemon-verbs/with-daemon.ts";
import { paintStdout } from "../output.ts";
import { explainText } from "./text.ts";

/** `source` is in its canonical form. */
export function runExplain(source: string, given: DaemonArguments): Promise<void> {
  return withDaemon(given, async (client) => {
    const document = await client.explain(source);
    const mode = given.json ? undefined : (await client.read("status")).mode;
    showDocument(given, document, () => explainText(document, Date.now(), paintStdout, mode));
  });
}
