// Runs `sockwarden ban` once its arguments are read: reads the list, then calls the daemon in parts, so that a long
// list shows its progress and never passes the bound of one request.

import type { BanRequest, Client, DoneDocument } from "../../client/index.ts";
import { showDone } from "../daemon-verbs/done.ts";
import { doneText } from "../daemon-verbs/done-text.ts";
import type { DaemonArguments } from "../daemon-verbs/options.ts";
import { withDaemon } from "../daemon-verbs/with-daemon.ts";
import { ExitCode } from "../exit-code.ts";
import { printNote } from "../output.ts";
import { readSourceList, SourceListError } from "./source-list.ts";
import { BAN_WORDS } from "./text.ts";

export interface BanArguments extends DaemonArguments {
  readonly file?: string;
  readonly for?: string;
  readonly reason?: string;
  readonly listener?: string;
}

const PART = 5000;
const PROGRESS_MS = 1000;

export async function runBan(named: readonly string[], given: BanArguments): Promise<void> {
  let listed: string[];
  try {
    listed = given.file === undefined ? [] : await readSourceList(given.file);
  } catch (error) {
    if (!(error instanceof SourceListError)) throw error;
    process.stderr.write(`sockwarden: ${error.message}\n`);
    process.exitCode = ExitCode.USAGE;
    return;
  }
  const sources = [...new Set([...named, ...listed])];
  await withDaemon(given, async (client) => {
    const done = await banInParts(client, sources, given);
    const mode = given.json ? undefined : (await client.read("status")).mode;
    showDone(given, done, doneText(BAN_WORDS, done, mode));
  });
}

async function banInParts(
  client: Client,
  sources: readonly string[],
  given: BanArguments,
): Promise<DoneDocument> {
  const request = optionsOf(given);
  const done: DoneDocument["done"][number][] = [];
  const failed: DoneDocument["failed"][number][] = [];
  let toldMs = performance.now();
  for (let i = 0; i < sources.length; i += PART) {
    try {
      const part = await client.ban({ ...request, sources: sources.slice(i, i + PART) });
      for (const one of part.done) done.push(one);
      for (const one of part.failed) failed.push(one);
    } catch (error) {
      if (i > 0) printNote(`Stopped after ${i} of ${sources.length} sources; those stay banned.`);
      throw error;
    }
    if (performance.now() - toldMs < PROGRESS_MS || i + PART >= sources.length) continue;
    toldMs = performance.now();
    printNote(`${i + PART} of ${sources.length} sources ...`);
  }
  return { schema: 1, done, failed };
}

function optionsOf({ for: term, reason, listener }: BanArguments): Omit<BanRequest, "sources"> {
  return {
    ...(term === undefined ? {} : { for: term }),
    ...(reason === undefined ? {} : { reason }),
    ...(listener === undefined ? {} : { listener }),
  };
}
