// Carries a plan out: records the earlier state, writes the files, sets the values, reads everything back.
//
// A crash may fall between any two calls of the tree. Nothing is changed before the record is on the disk, and then
// rollback knows every change that may have been made. An error that we survive is rolled back at once.

import path from "node:path";
import { normalValue } from "../settings/index.ts";
import type { TuneFacts } from "./facts.ts";
import {
  type Journal,
  journalPath,
  placeFile,
  readJournal,
  unfinishedPath,
  writeJournal,
} from "./journal.ts";
import { isSameNamespace } from "./namespace.ts";
import type { ApplyOptions, TunePlace } from "./place.ts";
import { dangersOf } from "./plan.ts";
import { rollbackTune } from "./rollback.ts";
import type { Tree } from "./tree.ts";
import { describeSystemError, isSystemError, TuneError } from "./tune-error.ts";
import type { TunePlan } from "./tune-plan.ts";
import { missingFolders, planWork, type Work } from "./work.ts";

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
  const work = planWork(plan, facts, place, { ...options, known });
  refuseForbidden(work, place);
  record(work.journal, place);
  try {
    makeChanges(work, place);
    verify(work, place);
    const done: Journal = { ...work.journal, state: "applied" };
    writing(journalPath(place.stateDir), () => writeJournal(place.tree, place.stateDir, done, place.owner));
  } catch (error) {
    throw afterPuttingBack(error, place, known !== null);
  }
  return {
    files: work.files.map((file) => file.path),
    settings: work.settings.map(({ name, before, ours }) => ({
      name,
      before: normalValue(before),
      now: ours.at(-1)!,
    })),
    restart: plan.changes.flatMap(({ target }) => (target.kind === "limit" ? [target.unit] : [])),
    journal: journalPath(place.stateDir),
  };
}

function refuseDangers(plan: TunePlan, facts: TuneFacts): void {
  const [danger] = dangersOf(plan.changes, facts, plan.profile);
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
      "another network namespace is tuned already, and the record holds only one; roll that one back first",
    );
  }
  return journal;
}

/** Asked before anything is written, so that a user without rights gets one clear answer. */
function refuseForbidden({ files, settings }: Work, { tree, stateDir, owner }: TunePlace): void {
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
function record(journal: Journal, { tree, stateDir, owner }: TunePlace): void {
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

function makeChanges({ journal, files, settings }: Work, { tree, owner }: TunePlace): void {
  for (const folder of journal.folders) {
    if (!tree.isFolder(folder)) writing(folder, () => tree.makeFolder(folder));
  }
  for (const { path, ours } of files) {
    const bytes = new TextEncoder().encode(ours.at(-1));
    const now = tree.read(path);
    if (now !== null && Buffer.from(bytes).equals(now.bytes)) continue;
    const file = now === null ? { bytes, mode: FILE_MODE, ...owner } : { ...now, bytes };
    writing(path, () => placeFile(tree, path, file));
  }
  for (const { path, ours } of settings) {
    const value = ours.at(-1)!;
    if (valueAt(tree, path) !== value) writing(path, () => tree.overwrite(path, `${value}\n`));
  }
}

function writing(what: string, run: () => void): void {
  try {
    run();
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw new TuneError("failed", `cannot write ${what}: ${describeSystemError(error)}`, error);
  }
}

/** Reads back everything that it wrote: kernels round and clamp, and disks lie. */
function verify({ files, settings }: Work, { tree }: TunePlace): void {
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
  return file === null ? null : normalValue(new TextDecoder().decode(file.bytes));
}

/** Puts everything back at once. Where that fails too, the error says so and the record stays for another try. */
function afterPuttingBack(error: unknown, place: TunePlace, earlier: boolean): Error {
  if (!(error instanceof TuneError) && !isSystemError(error)) return error as Error;
  const text = error instanceof TuneError ? error.message : describeSystemError(error);
  try {
    rollbackTune(place, { force: false });
    return new TuneError(
      "failed",
      `${text}; everything was put back${earlier ? ", also what an earlier apply had changed" : ""}`,
      error,
    );
  } catch (second) {
    const why = second instanceof TuneError ? second.message : describeSystemError(second);
    return new TuneError(
      "failed",
      `${text}; putting back what was before failed as well (${why}): mend that, then \`sockwarden tune rollback\``,
      error,
    );
  }
}
