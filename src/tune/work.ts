// The work of one apply, and the record it makes of the earlier state. It reads and changes nothing.

import path from "node:path";
import { isRefused, OWN_SYSCTL_FILE, parseSysctlLines } from "../settings/index.ts";
import {
  type FileEdit,
  limitEdits,
  type SettingEdit,
  type SettingLine,
  settingEdits,
  settingsFile,
} from "./edits.ts";
import type { TuneFacts } from "./facts.ts";
import type { PlanInputs } from "./goals.ts";
import type { Journal, JournalFile, JournalSetting } from "./journal.ts";
import { judgeHere } from "./judged.ts";
import type { ApplyOptions, TunePlace } from "./place.ts";
import type { FileState, Tree } from "./tree.ts";
import { TuneError } from "./tune-error.ts";
import type { TunePlan } from "./tune-plan.ts";

export interface Work {
  /** Of this apply and of earlier ones: it keeps the state that the first apply found. */
  readonly journal: Journal;
  /** Of this apply alone. */
  readonly files: readonly JournalFile[];
  readonly settings: readonly JournalSetting[];
}

/** `facts` judge the values that are carried over. */
export function planWork(
  plan: TunePlan,
  facts: TuneFacts,
  place: TunePlace,
  options: ApplyOptions & { readonly known: Journal | null },
): Work {
  const { tree, root } = place;
  const { known } = options;
  const settings = new Map(known?.settings.map((setting) => [setting.name, setting]));
  const edits = settingEdits(plan.changes);
  for (const edit of edits) settings.set(edit.name, withSetting(settings.get(edit.name), edit, place));
  const lines = [...settings.values()].map(({ name, ours, why }) => ({ name, value: ours.at(-1)!, why }));
  const fileEdits = [
    ...(options.writeSettingsFile && edits.length > 0
      ? [
          settingsFile([
            ...carriedLines(place, known, { facts, profile: plan.profile }).filter(
              ({ name }) => !settings.has(name),
            ),
            ...lines,
          ]),
        ]
      : []),
    ...limitEdits(plan.changes),
  ].map((edit) => ({ ...edit, path: root + edit.path }));
  const files = new Map(known?.files.map((file) => [file.path, file]));
  for (const edit of fileEdits) files.set(edit.path, withFile(files.get(edit.path), edit, tree));
  const wanted = [place.stateDir, ...fileEdits.map((edit) => path.dirname(edit.path))];
  const missing = wanted.flatMap((folder) => missingFolders(tree, folder));
  return {
    journal: {
      schema: 1,
      state: "applying",
      startedAt: known?.startedAt ?? options.now,
      profile: plan.profile,
      runner: place.runner,
      namespace: place.namespace,
      folders: [...new Set([...(known?.folders ?? []), ...missing])],
      files: [...files.values()],
      settings: [...settings.values()],
    },
    files: fileEdits.map((edit) => files.get(edit.path)!),
    settings: edits.map((edit) => settings.get(edit.name)!),
  };
}

/**
 * Lines of a file of our name that no record knows, as when the record was lost. Their values are in force but not in
 * this plan, and would be gone with the next boot. Values that a plan would refuse are not carried.
 */
function carriedLines(
  { tree, root }: TunePlace,
  known: Journal | null,
  { facts, profile }: Pick<PlanInputs, "facts" | "profile">,
): SettingLine[] {
  const file = tree.read(root + OWN_SYSCTL_FILE);
  if (file === null || known?.files.some((mine) => mine.path === root + OWN_SYSCTL_FILE)) return [];
  return parseSysctlLines(textOf(file), OWN_SYSCTL_FILE)
    .filter(({ key, value }) => {
      const judged = judgeHere({ what: key, value, place: "file" }, facts, profile);
      return judged === null || !isRefused(judged);
    })
    .map(({ key, value }) => ({ name: key, value, why: "was in this file before" }));
}

function withSetting(
  known: JournalSetting | undefined,
  edit: SettingEdit,
  { tree, proc }: TunePlace,
): JournalSetting {
  const { name, value, why } = edit;
  if (known !== undefined) return { ...known, ours: added(known.ours, value), why };
  const path = `${proc}/${edit.path}`;
  const file = tree.read(path);
  if (file === null) throw new TuneError("failed", `${path} has gone since the plan was made; make it again`);
  return { name, path, before: textOf(file), ours: [value], why };
}

function withFile(known: JournalFile | undefined, { path, text }: FileEdit, tree: Tree): JournalFile {
  const file = tree.read(path);
  if (known !== undefined) {
    if (file !== null && !known.ours.includes(textOf(file))) {
      throw new TuneError(
        "failed",
        `${path} was edited since the last apply; move your lines to a file of your own, then \`sockwarden tune rollback --force\` and apply again`,
      );
    }
    return { ...known, ours: added(known.ours, text) };
  }
  if (file === null) return { path, before: null, ours: [text] };
  const { bytes, mode, uid, gid } = file;
  return { path, before: { base64: Buffer.from(bytes).toString("base64"), mode, uid, gid }, ours: [text] };
}

/** With `value` at the end, and once. */
function added(ours: readonly string[], value: string): string[] {
  return [...ours.filter((earlier) => earlier !== value), value];
}

/** Parents first. */
export function missingFolders(tree: Tree, folder: string): string[] {
  if (tree.isFolder(folder) || folder === path.dirname(folder)) return [];
  return [...missingFolders(tree, path.dirname(folder)), folder];
}

function textOf({ bytes }: FileState): string {
  return new TextDecoder().decode(bytes);
}
