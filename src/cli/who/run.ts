// Runs `sockwarden who` once its arguments are read: loaded for this verb alone.

import { openScanner } from "../../census/index.ts";
import { ProgramLimits } from "../../programs/index.ts";
import { paintStdout, printJson, printNote } from "../output.ts";
import { scanNotes } from "../scan-verbs/notes.ts";
import { type ScanArguments, scanOptions, TOP_SOURCES } from "../scan-verbs/options.ts";
import { scanText } from "../scan-verbs/text.ts";
import { whoDocument } from "./document.ts";
import type { Grouping } from "./groups.ts";
import { groupText } from "./text.ts";

export interface WhoArguments extends ScanArguments {
  readonly by?: Grouping;
  readonly top?: number;
  readonly json?: true;
}

export async function runWho(given: WhoArguments): Promise<void> {
  const options = { ...scanOptions(given), holders: given.by === "process" };
  const limits = new ProgramLimits();
  // Nothing else runs meanwhile, so the scan needs no thread of its own.
  await using scanner = openScanner({
    netns: given.netns ?? null,
    thread: "inline",
    readProgramLimit: (process) => limits.read(process),
  });
  const census = await scanner.scan(options, Date.now());
  const by = given.by ?? null;
  if (given.json) {
    printJson(whoDocument(census, { by, top: given.top ?? null }));
  } else {
    const all = whoDocument(census, { by, top: null });
    const text =
      by === null || by === "source"
        ? scanText(all, given.top ?? TOP_SOURCES, paintStdout)
        : groupText(by, census, paintStdout);
    process.stdout.write(`${text}\n`);
  }
  for (const note of [...scanNotes(census, options.ports), ...limits.problems()]) printNote(note);
}
