// Lists the files that a pattern stands for, as glob(3) does, within a bound: whoever runs the server has laid out the
// folders and written the pattern, too. Time grows with pattern and names alone, never faster.

import { existsSync, opendirSync } from "node:fs";
import { isAbsentOrForbidden } from "../linux/index.ts";

/** Takes one entry of a folder; false where no more may be read. */
export type TakeEntry = () => boolean;

/** The paths below `base` that are there, in the form of the pattern. A `*` never crosses a slash. */
export function listFiles(base: string, pattern: string, take: TakeEntry): string[] {
  let found = [""];
  for (const [i, part] of pattern.split("/").entries()) {
    const before = found.map((path) => (i === 0 ? path : `${path}/`));
    const fits = /[*?[]/.test(part) ? patternOf(part) : null;
    found = before.flatMap((path) => {
      if (fits === null) return [path + part];
      return namesIn(base + path, take).flatMap((name) => (fits(name) ? [path + name] : []));
    });
  }
  return found.filter((path) => take() && existsSync(base + path));
}

/** Folders that are not there, or not ours to read, have no names. */
function namesIn(folder: string, take: TakeEntry): string[] {
  const names: string[] = [];
  try {
    const opened = opendirSync(folder === "" ? "." : folder);
    try {
      for (let entry = opened.readSync(); entry !== null && take(); entry = opened.readSync()) {
        names.push(entry.name);
      }
    } finally {
      opened.closeSync();
    }
  } catch (error) {
    if (!isAbsentOrForbidden(error)) throw error;
  }
  return names;
}

type Piece = "*" | ((char: string) => boolean);

/** Whether a name fits; names with a leading dot never fit a leading wildcard. */
function patternOf(part: string): (name: string) => boolean {
  const pieces = (part.match(/\*+|\[!?[^\]]+\]|./gs) ?? []).map(pieceOf);
  const hidden = part.startsWith(".");
  return (name) => hidden === name.startsWith(".") && fitsPieces(pieces, name);
}

function pieceOf(text: string): Piece {
  if (text.startsWith("*")) return "*";
  if (text === "?") return () => true;
  if (text.length === 1) return (char) => char === text;
  const [, not, set = ""] = /^\[(!?)(.*)\]$/s.exec(text) ?? [];
  const ranges = set.match(/.-.|./gs) ?? [];
  return (char) => (not === "!") !== ranges.some((range) => char >= range[0]! && char <= range.at(-1)!);
}

/** A `*` that did not suffice takes one character more; only the last one is ever tried again. */
function fitsPieces(pieces: readonly Piece[], name: string): boolean {
  let [at, piece, star, from] = [0, 0, -1, 0];
  while (at < name.length) {
    const next = pieces[piece];
    if (next === "*") [star, from, piece] = [piece, at, piece + 1];
    else if (next?.(name[at]!) === true) [at, piece] = [at + 1, piece + 1];
    else if (star >= 0) [from, at, piece] = [from + 1, from + 1, star + 1];
    else return false;
  }
  return pieces.slice(piece).every((rest) => rest === "*");
}
