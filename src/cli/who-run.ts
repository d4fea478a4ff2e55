// What `sockwarden who` does once its arguments are read: loaded for this verb alone.

import { openScanner } from "../census/index.ts";
import type { WhoArguments } from "./commands/who.ts";
import { paintStdout, printJson, printNote } from "./output.ts";
import { scanOptions } from "./scan-options.ts";
import { whoDocument } from "./who-document.ts";
import { groupText } from "./who-groups-text.ts";
import { TOP_SOURCES, whoNotes, whoText } from "./who-text.ts";

export async function runWho(given: WhoArguments): Promise<void> {
  const options = { ...scanOptions(given), holders: given.by === "process" };
  // Nothing else is to be done meanwhile, so the scan needs no thread of its own.
  await using scanner = openScanner({ netns: given.netns ?? null, thread: "inline" });
  const census = await scanner.scan(options, Date.now());
  const by = given.by ?? null;
  if (given.json) {
    printJson(whoDocument(census, { by, top: given.top ?? null }));
  } else {
    const all = whoDocument(census, { by, top: null });
    const text =
      by === null || by === "source"
        ? whoText(all, given.top ?? TOP_SOURCES, paintStdout)
        : groupText(by, census, paintStdout);
    process.stdout.write(`${text}\n`);
  }
  for (const note of whoNotes(census, options.ports)) printNote(note);
}
