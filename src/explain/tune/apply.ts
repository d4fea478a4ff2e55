// Carries a plan out: records what was before, writes the files, sets the values, reads everything back.
//
// A crash may fall between any two calls of the tree: before the record stands nothing has been changed, and from then on
// rollback knows everything that may have been. An error that we live to see is rolled back at once.

import path from "node:path";
import { type FileEdit, limitEdits, settingEdits, settingsFile } from "./edits.ts";
import type { TuneFacts } from "./facts.ts";
import {
  type Journal,
  type JournalFile,
  type JournalSetting,
  journalPath,
  type Owner,
  placeFile,
  type Runner,
  readJournal,
  unfinishedPath,
  writeJournal,
} from "./journal.ts";
import { isSameNamespace, type NamespaceMark } from "./namespace.ts";
import { dangersOf, type TunePlan } from "./plan.ts";
import { rollbackTune } from "./rollback.ts";
import { normalizeValue } from "./sysctl-files.ts";
import type { Tree } from "./tree.ts";
import { describeSystemError, isSystemError, TuneError } from "./tune-error.ts";

export interface TunePlace {
  readonly tree: Tree;
  /** Put before the paths of /etc; empty for this machine's own. */
  readonly root: string;
  /** Where /proc is. */
  readonly proc: string;
  readonly stateDir: string;
  /** The network namespace that is tuned. */
  readonly namespace: NamespaceMark;
  /** Whom new files belong to. */
  readonly owner: Owner;
  /** This process. */
  readonly runner: Runner;
  /** Whether a process that applied is still at it. */
  readonly isRunning: (runner: Runner) => boolean;
}

export interface ApplyOptions {
  /** RFC 3339, UTC. */
  readonly now: string;
  /** False in a namespace that no boot sets up: its values are set, and no file would set them again. */
  readonly writeSettingsFile: boolean;
}

export interface Applied {
  /** Files as people find them. */
  readonly files: readonly string[];
  readonly settings: readonly { readonly name: string; readonly before: string; readonly now: string }[];
  /** Units whose limit bites after daemon-reload and a restart. */
  readonly restart: readonly string[];
  readonly journal: string;
}

const FILE_MODE = 0o644;

/** Throws TuneError; when it does, everything is as it was unless the message says otherwise. */
export function applyTune(
  plan: TunePlan,
  facts: TuneFacts,
  place: TunePlace,
  options: ApplyOptions,
): Applied {
  refuseDangers(plan, facts);
  const known = refuseUnfinished(place);
  const journal = planJournal(plan, place, options, known);
  refuseForbidden(journal, place);
  begin(journal, place);
  try {
    carryOut(journal, place);
    verify(journal, place);
    const done: Journal = { ...journal, state: "applied" };
    step(journalPath(place.stateDir), () => writeJournal(place.tree, place.stateDir, done, place.owner));
  } catch (error) {
    throw failure(error, place);
  }
  const settings = new Map(journal.settings.map((setting) => [setting.name, setting]));
  return {
    files: journal.files.map((file) => file.path),
    settings: settingEdits(plan.changes).map(({ name, value }) => ({
      name,
      before: normalizeValue(settings.get(name)!.before),
      now: value,
    })),
    restart: plan.changes.flatMap(({ target }) => (target.kind === "limit" ? [target.unit] : [])),
    journal: journalPath(place.stateDir),
  };
}

function refuseDangers(plan: TunePlan, facts: TuneFacts): void {
  const [danger] = dangersOf(plan.changes, facts);
  if (danger === undefined) return;
  throw new TuneError("dangerous", `${danger.what} = ${danger.value} is refused: ${danger.why}`);
}

function refuseUnfinished({ tree, stateDir, namespace }: TunePlace): Journal | null {
  const journal = readJournal(tree, stateDir);
  const begun = tree.read(unfinishedPath(journalPath(stateDir))) !== null;
  if (begun || journal?.state === "applying") {
    throw new TuneError(
      "unfinished",
      "an earlier apply was stopped before its end, or another one is running; `sockwarden tune rollback` puts back what was before it",
    );
  }
  if (journal !== null && !isSameNamespace(journal.namespace, namespace)) {
    throw new TuneError(
      "other-namespace",
      "another network namespace is tuned already, and one record holds one; roll that back first",
    );
  }
  return journal;
}

/** The record with what this apply is going to do. What an earlier one found stays what was before. */
function planJournal(
  plan: TunePlan,
  place: TunePlace,
  { now, writeSettingsFile }: ApplyOptions,
  known: Journal | null,
): Journal {
  const { tree, root, proc } = place;
  const settings = new Map(known?.settings.map((setting) => [setting.name, setting]));
  for (const { name, path, value, why } of settingEdits(plan.changes)) {
    settings.set(name, withSetting(settings.get(name), { name, path: `${proc}/${path}`, value, why, tree }));
  }
  const lines = [...settings.values()].map(({ name, ours, why }) => ({ name, value: ours.at(-1)!, why }));
  const edits = [
    ...(writeSettingsFile && lines.length > 0 ? [settingsFile(lines)] : []),
    ...limitEdits(plan.changes),
  ];
  const files = new Map(known?.files.map((file) => [file.path, file]));
  for (const edit of edits) {
    const path = root + edit.path;
    files.set(path, withFile(files.get(path), { ...edit, path }, tree));
  }
  const wanted = [place.stateDir, ...[...files.keys()].map((file) => path.dirname(file))];
  const missing = wanted.flatMap((folder) => missingFolders(tree, folder));
  return {
    schema: 1,
    state: "applying",
    startedAt: known?.startedAt ?? now,
    profile: plan.profile,
    runner: place.runner,
    namespace: place.namespace,
    folders: [...new Set([...(known?.folders ?? []), ...missing])],
    files: [...files.values()],
    settings: [...settings.values()],
  };
}

function withSetting(
  known: JournalSetting | undefined,
  edit: {
    readonly name: string;
    readonly path: string;
    readonly value: string;
    readonly why: string;
    readonly tree: Tree;
  },
): JournalSetting {
  const { name, path, value, why, tree } = edit;
  if (known !== undefined) return { ...known, ours: added(known.ours, value), why };
  const file = tree.read(path);
  if (file === null) throw new TuneError("failed", `${path} has gone since the plan was made; make it again`);
  return { name, path, before: new TextDecoder().decode(file.bytes), ours: [value], why };
}

function withFile(known: JournalFile | undefined, { path, text }: FileEdit, tree: Tree): JournalFile {
  if (known !== undefined) return { ...known, ours: added(known.ours, text) };
  const file = tree.read(path);
  if (file === null) return { path, before: null, ours: [text] };
  const { bytes, mode, uid, gid } = file;
  return { path, before: { base64: Buffer.from(bytes).toString("base64"), mode, uid, gid }, ours: [text] };
}

/** With `value` at the end, and once. */
function added(ours: readonly string[], value: string): string[] {
  return [...ours.filter((earlier) => earlier !== value), value];
}

/** Parents first. */
function missingFolders(tree: Tree, folder: string): string[] {
  if (tree.isFolder(folder) || folder === path.dirname(folder)) return [];
  return [...missingFolders(tree, path.dirname(folder)), folder];
}

/** Asked before anything is written, so that a user without rights gets one clear answer. */
function refuseForbidden({ files, settings }: Journal, { tree, stateDir, owner }: TunePlace): void {
  const folders = [stateDir, ...files.map((file) => path.dirname(file.path))].map((folder) =>
    existing(tree, folder),
  );
  const targets = [...new Set(folders), ...settings.map((setting) => setting.path)];
  const forbidden = targets.find((target) => !tree.mayWrite(target));
  if (forbidden !== undefined) {
    const how = owner.uid === 0 ? "it is read-only, even for root" : "run as root";
    throw new TuneError("forbidden", `may not write ${forbidden}; ${how}. Nothing was changed`);
  }
}

function existing(tree: Tree, folder: string): string {
  return tree.isFolder(folder) ? folder : existing(tree, path.dirname(folder));
}

/** The record is on the disk when this returns, and nothing else has been touched but the folder it lies in. */
function begin(journal: Journal, { tree, stateDir, owner }: TunePlace): void {
  const made: string[] = [];
  try {
    for (const folder of missingFolders(tree, stateDir)) {
      tree.makeFolder(folder);
      made.push(folder);
    }
    writeJournal(tree, stateDir, journal, owner);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    const begun = unfinishedPath(journalPath(stateDir));
    if (tree.read(begun) !== null) tree.remove(begun);
    for (const folder of made.reverse()) tree.remove(folder);
    const text = `cannot record what was before in ${stateDir}: ${describeSystemError(error)}; nothing was changed`;
    throw new TuneError("failed", text, error);
  }
}

function carryOut(journal: Journal, { tree, owner }: TunePlace): void {
  for (const folder of journal.folders)
    if (!tree.isFolder(folder)) step(folder, () => tree.makeFolder(folder));
  for (const { path, ours } of journal.files) {
    const bytes = new TextEncoder().encode(ours.at(-1));
    const now = tree.read(path);
    if (now !== null && Buffer.from(bytes).equals(now.bytes)) continue;
    const file = now === null ? { bytes, mode: FILE_MODE, ...owner } : { ...now, bytes };
    step(path, () => placeFile(tree, path, file));
  }
  for (const { path, ours } of journal.settings) {
    const value = ours.at(-1)!;
    if (valueAt(tree, path) !== value) step(path, () => tree.overwrite(path, `${value}\n`));
  }
}

function step(what: string, run: () => void): void {
  try {
    run();
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw new TuneError("failed", `cannot write ${what}: ${describeSystemError(error)}`, error);
  }
}

/** What was written is read back: kernels round and clamp, and disks lie. */
function verify({ files, settings }: Journal, { tree }: TunePlace): void {
  for (const { path, ours } of files) {
    const text = new TextDecoder().decode(tree.read(path)?.bytes);
    if (text !== ours.at(-1)) throw new TuneError("failed", `${path} does not read as it was written`);
  }
  for (const { path, ours } of settings) {
    const value = valueAt(tree, path);
    if (value !== ours.at(-1)) {
      throw new TuneError("failed", `${path} reads ${value ?? "nothing"} where ${ours.at(-1)} was written`);
    }
  }
}

function valueAt(tree: Tree, path: string): string | null {
  const file = tree.read(path);
  return file === null ? null : normalizeValue(new TextDecoder().decode(file.bytes));
}

/** Puts everything back at once; where that fails too, says so and leaves the record for another try. */
function failure(error: unknown, place: TunePlace): Error {
  if (!(error instanceof TuneError) && !isSystemError(error)) return error as Error;
  const text = error instanceof TuneError ? error.message : describeSystemError(error);
  try {
    rollbackTune(place, { force: false });
    return new TuneError("failed", `${text}; everything was put back`, error);
  } catch (second) {
    const why = second instanceof TuneError ? second.message : describeSystemError(second);
    return new TuneError(
      "failed",
      `${text}; putting back what was before failed as well (${why}): mend that, then \`sockwarden tune rollback\``,
      error,
    );
  }
}
