// What `bans`, `allowlist` and `explain` do once their arguments are read: ask, and show.

import type { BansArguments } from "../commands/bans.ts";
import type { DaemonArguments } from "../daemon-options.ts";
import { paintStdout, printJson } from "../output.ts";
import { allowlistText } from "./allowlist-text.ts";
import { bansText, newestFirst, TOP_BANS } from "./bans-text.ts";
import { explainText } from "./explain-text.ts";
import { withDaemon } from "./with-daemon.ts";

export function runBans(given: BansArguments): Promise<void> {
  return withDaemon(given, async (client) => {
    const document = await client.bans();
    const all = document.bans.length;
    const mode = given.json ? undefined : (await client.status()).mode;
    show(given, { ...document, bans: newestFirst(document.bans, given.top ?? all) }, () =>
      bansText(document, given.top ?? TOP_BANS, Date.now(), paintStdout, mode),
    );
  });
}

export function runAllowlist(given: DaemonArguments): Promise<void> {
  return withDaemon(given, async (client) => {
    const document = await client.allowlist();
    show(given, document, () => allowlistText(document, paintStdout));
  });
}

export function runExplain(source: string, given: DaemonArguments): Promise<void> {
  return withDaemon(given, async (client) => {
    const document = await client.explain(source);
    const mode = given.json ? undefined : (await client.status()).mode;
    show(given, document, () => explainText(document, Date.now(), paintStdout, mode));
  });
}

function show(given: DaemonArguments, document: object, text: () => string): void {
  if (given.json) printJson(document);
  else process.stdout.write(`${text()}\n`);
}
