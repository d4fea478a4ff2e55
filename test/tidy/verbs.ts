// The command line's folders: the rooms that each verb and each shared part imports, as data, and the rules that keep
// verbs apart. Pure: sources in, faults out.

import { loadedWith } from "./imports.ts";
import { isTest, roomOf } from "./rooms.ts";
import type { Source } from "./sources.ts";

export interface VerbTable {
  /** Rooms that every part may import. */
  readonly common: readonly string[];
  /** The verbs' folders, with the rooms that each imports beside the common ones. */
  readonly verbs: Readonly<Record<string, readonly string[]>>;
  /** The same for the shared parts; the empty name stands for the files beside the folders. */
  readonly shared: Readonly<Record<string, readonly string[]>>;
}

export const VERBS: VerbTable = {
  // The nouns, the configuration, and the way to the daemon.
  common: ["src/api", "src/client", "src/config", "src/model"],
  verbs: {
    allow: [],
    allowlist: [],
    ban: [],
    bans: [],
    check: [],
    config: [],
    diagnose: ["src/census", "src/diagnose", "src/programs"],
    disallow: [],
    doctor: ["lab", "src/doctor", "src/enforce", "src/settings"],
    drill: ["lab"],
    evict: [],
    explain: [],
    ping: ["src/sip"],
    reload: [],
    run: ["src/daemon"],
    status: [],
    top: ["src/census", "src/programs"],
    tune: ["src/settings", "src/tune"],
    unban: [],
    who: ["src/census", "src/programs"],
  },
  shared: {
    "": ["src/settings"],
    configuration: [],
    "daemon-verbs": [],
    "scan-verbs": ["src/census"],
    terminal: [],
    text: [],
  },
};

const CLI = "src/cli";

/** The folder of a file in src/cli; empty for the files beside the folders. */
function folderOf(file: string): string {
  return file.split("/").slice(2, -1)[0] ?? "";
}

function cliOf(sources: readonly Source[]): Source[] {
  return sources.filter(({ file }) => roomOf(file) === CLI && !isTest(file));
}

/** Folders without a row, rows without a folder, and verbs without a `command.ts`. */
export function verbsOutOfTable(sources: readonly Source[], { verbs, shared }: VerbTable): string[] {
  const cli = cliOf(sources);
  const folders = new Set(cli.map(({ file }) => folderOf(file)));
  const commands = new Set(
    cli.filter(({ file }) => file.endsWith("/command.ts")).map(({ file }) => folderOf(file)),
  );
  const rows = new Set([...Object.keys(verbs), ...Object.keys(shared)]);
  return [
    ...[...folders].filter((folder) => !rows.has(folder)).map((folder) => `${CLI}/${folder} has no row`),
    ...[...rows].filter((row) => !folders.has(row)).map((row) => `${CLI}/${row} has a row and no file`),
    ...Object.keys(verbs)
      .filter((verb) => !commands.has(verb))
      .map((verb) => `${CLI}/${verb} has no command.ts`),
    ...[...commands].filter((folder) => folder in shared).map((folder) => `${CLI}/${folder} is a verb`),
  ];
}

/** Rooms that a part of the command line imports and its row lacks, or the reverse. */
export function importsOutOfTable(
  sources: readonly Source[],
  { common, verbs, shared }: VerbTable,
): string[] {
  const cli = cliOf(sources);
  return Object.entries({ ...verbs, ...shared }).flatMap(([folder, row]) => {
    const imported = new Set(
      cli
        .filter(({ file }) => folderOf(file) === folder)
        .flatMap(({ imports }) => imports.flatMap(({ file }) => (file === null ? [] : [roomOf(file)])))
        .filter((room) => room !== CLI && !common.includes(room)),
    );
    return [
      ...[...imported]
        .filter((room) => !row.includes(room))
        .map((room) => `${CLI}/${folder} imports ${room}`),
      ...row.filter((room) => !imported.has(room)).map((room) => `${CLI}/${folder} does not import ${room}`),
    ];
  });
}

/** Imports of a verb's files from outside it. Its `command.ts` is for `main.ts`, and for nobody else. */
export function importsOfVerbs(sources: readonly Source[], { verbs }: VerbTable): string[] {
  return cliOf(sources).flatMap(({ file, imports }) =>
    imports
      .flatMap(({ file: target }) => (target === null ? [] : [target]))
      .filter((target) => roomOf(target) === CLI && folderOf(target) in verbs)
      .filter((target) =>
        target.endsWith("/command.ts") ? file !== `${CLI}/main.ts` : folderOf(target) !== folderOf(file),
      )
      .map((target) => `${file} imports ${target}`),
  );
}

/** The rooms that are loaded before any verb runs. */
export function roomsAtStart(sources: readonly Source[]): string[] {
  return [...new Set([...loadedWith(sources, `${CLI}/main.ts`)].map(roomOf))].sort();
}
