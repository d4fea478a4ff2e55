// Shows a document that the daemon has answered.

import { printJson } from "../output.ts";
import type { DaemonArguments } from "./options.ts";

/** The document as one line of JSON on request, else the text that `text` makes. */
export function showDocument(given: DaemonArguments, document: object, text: () => string): void {
  if (given.json) printJson(document);
  else process.stdout.write(`${text()}\n`);
}
