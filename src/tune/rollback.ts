// Puts the earlier state back, from the record. It may be repeated, and stopped anywhere: it leaves alone what is back
// already, and the record goes last.

import { errorCode } from "../model/index.ts";
import { normalValue } from "../settings/index.ts";
import {
  type Journal,
  type JournalFile,
  type JournalSetting,
  journalPath,
  placeFile,
  readJournal,
  unfinishedPath,
} from "./journal.ts";
import { isSameNamespace } from "./namespace.ts";
import type { TunePlace } from "./place.ts";
import type { FileState, Tree } from "./tree.ts";
import { describeSystemError, isSystemError, TuneError } from "./tune-error.ts";

export interface RolledBack {
  /** False when there was nothing to roll back. */
  readonly found: boolean;
  readonly restored: readonly { readonly what: string; readonly to: string }[];
  /** Changed by somebody else since, and left as it is. */
  readonly left: readonly { readonly what: string; readonly is: string; readonly before: string }[];
  /** Whether drop-ins went, so that systemd must read its files again. */
  readonly reload: boolean;
}

export interface RollbackOptions {
  /** Also puts back what somebody else has changed since. */
  readonly force: boolean;
}

/** Throws TuneError when something cannot be put back; the record then stays. */
export function rollbackTune(place: TunePlace, { force }: RollbackOptions): RolledBack {
  const { tree, stateDir } = place;
  const begun = unfinishedPath(journalPath(stateDir));
  const journal = readJournal(tree, stateDir);
  if (journal === null) {
    // The apply stopped before the record stood, and had touched nothing else.
    if (tree.read(begun) !== null) attempt(begun, () => tree.remove(begun));
    return { found: false, restored: [], left: [], reload: false };
  }
  refuseRunning(journal, place);
  const tale: Tale = { restored: [], left: [] };
  restoreSettings(journal, place, force, tale);
  for (const file of journal.files.toReversed()) restoreFile(tree, file, force, tale);
  forget(journal, place);
  const reload = tale.restored.some(({ what }) => what.includes("/systemd/system/"));
  return { found: true, ...tale, reload };
}

/** An apply that still runs would go on changing the values that are put back. */
function refuseRunning({ state, runner }: Journal, place: TunePlace): void {
  const own = runner.pid === place.runner.pid && runner.startTime === place.runner.startTime;
  if (state !== "applying" || own || !place.isRunning(runner)) return;
  throw new TuneError("unfinished", `an apply is running, process ${runner.pid}; wait for its end`);
}

interface Tale {
  readonly restored: { what: string; to: string }[];
  readonly left: { what: string; is: string; before: string }[];
}

function restoreSettings(journal: Journal, { tree, namespace }: TunePlace, force: boolean, tale: Tale): void {
  if (!isSameNamespace(journal.namespace, namespace) && journal.settings.length > 0) {
    if (!force) {
      const where = journal.namespace.id ?? "unknown";
      throw new TuneError(
        "other-namespace",
        `the settings were changed in another network namespace (${where}): roll back there, with --netns; where it is gone, --force puts back the files alone`,
      );
    }
    for (const { name, before } of journal.settings) {
      tale.left.push({ what: name, is: "in another namespace", before: normalValue(before) });
    }
    return;
  }
  for (const setting of journal.settings.toReversed()) restoreSetting(tree, setting, force, tale);
}

function restoreSetting(
  tree: Tree,
  { name, path, before, ours }: JournalSetting,
  force: boolean,
  tale: Tale,
): void {
  const [file, wanted] = [attempt(path, () => tree.read(path)), normalValue(before)];
  const now = file === null ? null : normalValue(new TextDecoder().decode(file.bytes));
  if (now === wanted) return;
  if (now === null || !(ours.includes(now) || force)) {
    tale.left.push({ what: name, is: now ?? "gone", before: wanted });
    return;
  }
  attempt(path, () => tree.overwrite(path, before));
  tale.restored.push({ what: name, to: wanted });
}

function restoreFile(tree: Tree, { path, before, ours }: JournalFile, force: boolean, tale: Tale): void {
  const begun = unfinishedPath(path);
  attempt(begun, () => tree.read(begun) !== null && tree.remove(begun));
  const now = attempt(path, () => tree.read(path));
  const wanted: FileState | null =
    before === null ? null : { ...before, bytes: Buffer.from(before.base64, "base64") };
  if (isSame(now, wanted)) return;
  if (now === null ? !force : !(ours.includes(new TextDecoder().decode(now.bytes)) || force)) {
    const text = wanted === null ? "absent" : `${wanted.bytes.length} bytes`;
    // A line can tell an earlier value but not an earlier file, so the record must stay.
    if (wanted !== null) {
      throw new TuneError(
        "failed",
        `${path} was changed since; --force puts back what was before. The rest is back`,
      );
    }
    tale.left.push({ what: path, is: "changed since", before: text });
    return;
  }
  if (wanted === null) attempt(path, () => tree.remove(path));
  else attempt(path, () => placeFile(tree, path, wanted));
  tale.restored.push({ what: path, to: wanted === null ? "absent" : "as it was" });
}

function isSame(now: FileState | null, wanted: FileState | null): boolean {
  if (now === null || wanted === null) return now === wanted;
  return (
    Buffer.from(now.bytes).equals(wanted.bytes) &&
    now.mode === wanted.mode &&
    now.uid === wanted.uid &&
    now.gid === wanted.gid
  );
}

/** Removes the empty folders that apply made, then the record, then the record's own folders. */
function forget({ folders }: Journal, { tree, stateDir }: TunePlace): void {
  const holdsRecord = (folder: string): boolean => stateDir === folder || stateDir.startsWith(`${folder}/`);
  for (const folder of folders.toReversed().filter((folder) => !holdsRecord(folder)))
    removeIfEmpty(tree, folder);
  const record = journalPath(stateDir);
  const begun = unfinishedPath(record);
  if (tree.read(begun) !== null) attempt(begun, () => tree.remove(begun));
  attempt(record, () => tree.remove(record));
  for (const folder of folders.toReversed().filter(holdsRecord)) removeIfEmpty(tree, folder);
}

function removeIfEmpty(tree: Tree, folder: string): void {
  if (!tree.isFolder(folder)) return;
  try {
    tree.remove(folder);
  } catch (error) {
    if (!["ENOTEMPTY", "EEXIST"].includes(errorCode(error))) throw error;
  }
}

function attempt<T>(what: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw new TuneError("failed", `cannot put back ${what}: ${describeSystemError(error)}`, error);
  }
}
