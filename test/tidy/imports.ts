// Who imports whom: the table of rooms, their doors, circles, unreached files. Pure: sources in, faults out.

import path from "node:path";
import { isTest, type RoomTable, roomOf } from "./rooms.ts";
import type { Import, Source } from "./sources.ts";

interface Edge {
  readonly from: string;
  readonly to: string;
  readonly typesOnly: boolean;
}

/** Every import of a file of ours. */
function edges(sources: readonly Source[]): Edge[] {
  return sources.flatMap(({ file, imports }) =>
    imports
      .filter((each): each is Import & { readonly file: string } => each.file !== null)
      .map((each) => ({ from: file, to: each.file, typesOnly: each.typesOnly })),
  );
}

function crossing(sources: readonly Source[]): Edge[] {
  return edges(sources).filter(({ from, to }) => roomOf(from) !== roomOf(to));
}

/** Imports between rooms that the table lacks, and imports of more than types where it allows types alone. */
export function forbiddenImports(sources: readonly Source[], rooms: RoomTable): string[] {
  return crossing(sources).flatMap(({ from, to, typesOnly }) => {
    const row = rooms[roomOf(from)];
    if (row === undefined || row.all.includes(roomOf(to))) return [];
    if (!row.types.includes(roomOf(to))) return [`${from} imports ${to}`];
    // Tests may make the values that the room itself only gets passed in.
    return typesOnly || isTest(from) ? [] : [`${from} imports more than types from ${to}`];
  });
}

/** Imports from another room that pass by its door. */
export function importsPastDoors(sources: readonly Source[]): string[] {
  return crossing(sources)
    .filter(({ from, to }) => !isTest(from) && roomOf(from) !== "bench" && to !== `${roomOf(to)}/index.ts`)
    .map(({ from, to }) => `${from} imports ${to}`);
}

/** Imports by the program of helpers for tests. */
export function importsOfTests(sources: readonly Source[]): string[] {
  return edges(sources)
    .filter(({ from, to }) => !isTest(from) && roomOf(from) !== "bench" && isTest(to))
    .map(({ from, to }) => `${from} imports ${to}`);
}

/** Circles of imports, of types too: for each knot of files one shortest way round, `a -> b -> a`. */
export function circles(sources: readonly Source[]): string[] {
  const targets = new Map(sources.map(({ file }) => [file, new Set<string>()]));
  for (const { from, to } of edges(sources)) if (targets.has(to)) targets.get(from)!.add(to);
  const told = new Set<string>();
  return [...targets.keys()].flatMap((file) => {
    const way = told.has(file) ? null : wayBack(targets, file);
    for (const each of way ?? []) told.add(each);
    return way === null ? [] : [[file, ...way].join(" -> ")];
  });
}

/** The shortest way from a file to itself, without its beginning; null where there is none. */
function wayBack(targets: ReadonlyMap<string, ReadonlySet<string>>, file: string): string[] | null {
  const cameFrom = new Map<string, string>();
  const queue = [file];
  for (const at of queue) {
    for (const next of targets.get(at)!) {
      if (next === file) return wayTo(at, file, cameFrom).concat(file);
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, at);
      queue.push(next);
    }
  }
  return null;
}

function wayTo(end: string, start: string, cameFrom: ReadonlyMap<string, string>): string[] {
  const way: string[] = [];
  for (let at = end; at !== start; at = cameFrom.get(at)!) way.unshift(at);
  return way;
}

/** Files that run without being imported, each with the file that starts them by their name. */
export type Entries = Readonly<Record<string, string>>;

/**
 * Files that nothing reaches. Tests reach their helpers; only the program and its benchmarks reach the program. An
 * entry whose starter does not name it is a fault as well.
 */
export function unreachedFiles(
  sources: readonly Source[],
  entries: Entries,
  starters: Readonly<Record<string, string>> = {},
): string[] {
  const texts = new Map(Object.entries(starters).concat(sources.map(({ file, text }) => [file, text])));
  const falseEntries = Object.entries(entries)
    .filter(([entry, starter]) => !texts.get(starter)?.includes(path.basename(entry, ".ts")))
    .map(([entry, starter]) => `${entry} is not started by ${starter}`);
  const program = reached(sources, Object.keys(entries));
  const withTests = reached(sources, [
    ...Object.keys(entries),
    ...sources.map(({ file }) => file).filter((file) => file.endsWith(".test.ts")),
  ]);
  const unreached = sources
    .map(({ file }) => file)
    .filter((file) => !(isTest(file) || roomOf(file) === "lab" ? withTests : program).has(file))
    .map((file) => `${file} is reached by nothing`);
  return [...falseEntries, ...unreached];
}

function reached(sources: readonly Source[], from: readonly string[]): Set<string> {
  const byFile = new Map(sources.map((source) => [source.file, source]));
  const found = new Set(from);
  for (const file of found) {
    for (const { file: target } of byFile.get(file)?.imports ?? []) if (target !== null) found.add(target);
  }
  return found;
}

/** Everything that is loaded with a file: its imports by value before it runs, and theirs. */
export function loadedWith(sources: readonly Source[], file: string): Set<string> {
  const byFile = new Map(sources.map((source) => [source.file, source]));
  const loaded = new Set([file]);
  for (const at of loaded) {
    for (const { file: target, typesOnly, waits } of byFile.get(at)?.imports ?? []) {
      if (target !== null && !typesOnly && !waits) loaded.add(target);
    }
  }
  return loaded;
}

/** Names that a room's door offers and that nobody outside the room takes. */
export function unusedExports(sources: readonly Source[], rooms: RoomTable): string[] {
  const byFile = new Map(sources.map((source) => [source.file, source]));
  return Object.keys(rooms).flatMap((room) => {
    const door = byFile.get(`${room}/index.ts`);
    if (door === undefined) return [];
    const taken = new Set(
      sources
        .filter(({ file }) => roomOf(file) !== room)
        .flatMap(({ imports }) =>
          imports.filter(({ file }) => file === door.file).flatMap(({ taken }) => taken),
        ),
    );
    if (taken.has("*")) return [];
    return offered(door, byFile)
      .filter((name) => !taken.has(name))
      .map((name) => `${door.file} exports ${name}`);
  });
}

/** All names that a file offers, those behind `export *` too. */
function offered(source: Source, byFile: ReadonlyMap<string, Source>): string[] {
  return source.exports.flatMap(({ name, from }) => {
    if (name !== "*") return [name];
    const target = from === null ? undefined : byFile.get(from);
    return target === undefined ? [] : offered(target, byFile);
  });
}
