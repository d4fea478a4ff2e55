// What `unban`, `allow`, `disallow`, `evict` and `reload` do once their arguments are read: ask, show, and end with 1
// where anything failed.

import type { DoneDocument } from "../../client/index.ts";
import type { AllowArguments } from "../commands/allow.ts";
import type { EvictArguments } from "../commands/evict.ts";
import type { DaemonArguments } from "../daemon-options.ts";
import { ExitCode } from "../exit-code.ts";
import { printJson, printNote } from "../output.ts";
import { type Change, doneText, failureLines, unbanAllText } from "./done-text.ts";
import { reloadText } from "./reload-text.ts";
import { withDaemon } from "./with-daemon.ts";

export function runUnban(sources: readonly string[] | "all", given: DaemonArguments): Promise<void> {
  return withDaemon(given, async (client) => {
    const done = await client.unban({ sources });
    showDone(given, done, sources === "all" ? unbanAllText(done) : doneText("unban", done));
  });
}

export function runAllow(source: string, given: AllowArguments): Promise<void> {
  const { limit, reason } = given;
  const request = {
    source,
    ...(limit === undefined ? {} : { connectionsPerSource: limit }),
    ...(reason === undefined ? {} : { reason }),
  };
  return change("allow", given, (client) => client.allow(request));
}

export function runDisallow(source: string, given: DaemonArguments): Promise<void> {
  return change("disallow", given, (client) => client.disallow(source));
}

export function runEvict(source: string, given: EvictArguments): Promise<void> {
  const request = { source, ...(given.listener === undefined ? {} : { listener: given.listener }) };
  return withDaemon(given, async (client) => {
    const done = await client.evict(request);
    showDone(given, done, doneText("evict", done, given.json ? undefined : (await client.status()).mode));
  });
}

export function runReload(given: DaemonArguments): Promise<void> {
  return withDaemon(given, async (client) => {
    const check = await client.reload();
    if (given.json) printJson(check);
    else if (check.ok) process.stdout.write(`${reloadText(check, (await client.status()).health)}\n`);
    else process.stderr.write(`${reloadText(check)}\n`);
    if (!check.ok) process.exitCode = ExitCode.USAGE;
  });
}

function change(
  what: Change,
  given: DaemonArguments,
  ask: (client: Parameters<Parameters<typeof withDaemon>[1]>[0]) => Promise<DoneDocument>,
): Promise<void> {
  return withDaemon(given, async (client) => {
    const done = await ask(client);
    showDone(given, done, doneText(what, done));
  });
}

/** What was done to stdout, what failed to stderr. */
export function showDone(given: DaemonArguments, done: DoneDocument, text: string): void {
  if (given.json) printJson(done);
  else {
    if (text !== "") process.stdout.write(`${text}\n`);
    for (const line of failureLines(done)) printNote(line);
  }
  if (done.failed.length > 0) process.exitCode = ExitCode.FAILED;
}
