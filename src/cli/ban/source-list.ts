// Lists of sources for `ban --file`: one a line, `#` begins a comment, blank lines count for nothing. All or nothing: a
// line that is no source is an error with its number, and then nothing is banned.

import { createReadStream } from "node:fs";
import { formatNetwork, parseNetwork, reasonOf } from "../../model/index.ts";
import { SOURCE_FORM } from "../daemon-verbs/options.ts";
import { printable } from "../text/foreign.ts";

const LIST_BYTES_MAX = 64 * 2 ** 20;
const ERRORS_SHOWN = 10;
const LINE_CHARACTERS_SHOWN = 60;

/** A list that cannot be used, with a line for each mistake. */
export class SourceListError extends Error {
  override readonly name = "SourceListError";
}

/** The sources of a file, or of stdin for `-`, in canonical form and each once. */
export async function readSourceList(file: string): Promise<string[]> {
  return parseSourceList(await readList(file), file === "-" ? "stdin" : file);
}

export function parseSourceList(text: string, name: string): string[] {
  const sources = new Set<string>();
  const errors: string[] = [];
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    const source = line.replace(/#.*/, "").trim();
    if (source === "") continue;
    const network = parseNetwork(source);
    if (network !== null) sources.add(formatNetwork(network));
    else errors.push(`${name}:${i + 1}: "${printable(source.slice(0, LINE_CHARACTERS_SHOWN))}" is no source`);
  }
  if (errors.length > 0) throw new SourceListError(describe(errors));
  return [...sources];
}

function describe(errors: readonly string[]): string {
  const shown = errors.slice(0, ERRORS_SHOWN);
  const more = errors.length - shown.length;
  if (more > 0) shown.push(`... and ${more} more lines`);
  return [...shown, `Nothing was banned. Accepted is ${SOURCE_FORM}, one a line; # begins a comment.`].join(
    "\n",
  );
}

async function readList(file: string): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const part of file === "-" ? process.stdin : createReadStream(file)) {
      bytes += part.length;
      if (bytes > LIST_BYTES_MAX) throw new SourceListError(`${file} is larger than ${LIST_BYTES_MAX} bytes`);
      parts.push(part);
    }
  } catch (error) {
    if (error instanceof SourceListError) throw error;
    throw new SourceListError(`cannot read ${file}: ${reasonOf(error)}`);
  }
  return Buffer.concat(parts).toString("utf8");
}
