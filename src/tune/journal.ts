// The record of the earlier state: written before anything is changed, gone when everything is as it was.
//
//   no record             nothing of ours is in force
//   state "applying"      an apply was stopped; any of its changes may have been made
//   state "applied"       all of its changes were made
//
// It holds what the first apply found. Later ones add what they touch, so that one rollback takes all of them back.

import type { NamespaceMark } from "./namespace.ts";
import type { FileState, Tree } from "./tree.ts";
import { TuneError } from "./tune-error.ts";

export interface Journal {
  readonly schema: 1;
  readonly state: "applying" | "applied";
  /** RFC 3339, UTC. */
  readonly startedAt: string;
  readonly profile: string;
  readonly runner: Runner;
  /** The network namespace whose settings were changed. */
  readonly namespace: NamespaceMark;
  /** Folders that were made, parents first. */
  readonly folders: readonly string[];
  readonly files: readonly JournalFile[];
  readonly settings: readonly JournalSetting[];
}

/** The process that applies. The kernel reuses a pid, but never a pid with its start time. */
export interface Runner {
  readonly pid: number;
  /** Clock ticks since boot; null where it cannot be told. */
  readonly startTime: number | null;
}

export interface JournalFile {
  readonly path: string;
  readonly before: {
    readonly base64: string;
    readonly mode: number;
    readonly uid: number;
    readonly gid: number;
  } | null;
  /** Every text that an apply gave it, the latest last. */
  readonly ours: readonly string[];
}

export interface JournalSetting {
  readonly name: string;
  readonly path: string;
  /** Byte by byte, as text. */
  readonly before: string;
  /** Every value that an apply gave it, the latest last. */
  readonly ours: readonly string[];
  readonly why: string;
}

const FILE_NAME = "tune.json";
const MODE = 0o600;

export function journalPath(stateDir: string): string {
  return `${stateDir}/${FILE_NAME}`;
}

/** The name of a file until it is whole. */
export function unfinishedPath(path: string): string {
  return `${path}.sockwarden-new`;
}

/** Puts a file in place: whole or not at all, whatever happens. */
export function placeFile(tree: Tree, path: string, file: FileState): void {
  tree.create(unfinishedPath(path), file);
  tree.rename(unfinishedPath(path), path);
}

export function readJournal(tree: Tree, stateDir: string): Journal | null {
  const path = journalPath(stateDir);
  const file = tree.read(path);
  if (file === null) return null;
  const text = new TextDecoder().decode(file.bytes);
  try {
    const value: unknown = JSON.parse(text);
    if (isJournal(value)) return value;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new TuneError(
    "unreadable",
    `cannot read the record of what was before, ${path}: it is damaged or of another version; nothing was changed`,
  );
}

export function writeJournal(tree: Tree, stateDir: string, journal: Journal, owner: Owner): void {
  const bytes = new TextEncoder().encode(`${JSON.stringify(journal, null, 1)}\n`);
  placeFile(tree, journalPath(stateDir), { bytes, mode: MODE, ...owner });
}

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

function isJournal(value: unknown): value is Journal {
  if (!isRecord(value) || value["schema"] !== 1) return false;
  const { state, startedAt, profile, runner, namespace, folders, files, settings } = value;
  return (
    (state === "applying" || state === "applied") &&
    typeof startedAt === "string" &&
    typeof profile === "string" &&
    isRunner(runner) &&
    isNamespaceMark(namespace) &&
    isTexts(folders) &&
    Array.isArray(files) &&
    files.every(isJournalFile) &&
    Array.isArray(settings) &&
    settings.every(isJournalSetting)
  );
}

function isRunner(value: unknown): boolean {
  if (!isRecord(value) || !Number.isInteger(value["pid"])) return false;
  return value["startTime"] === null || Number.isInteger(value["startTime"]);
}

function isNamespaceMark(value: unknown): boolean {
  if (!isRecord(value) || typeof value["first"] !== "boolean") return false;
  return [value["id"], value["boot"]].every((text) => text === null || typeof text === "string");
}

function isJournalFile(value: unknown): boolean {
  if (!isRecord(value) || typeof value["path"] !== "string" || !isTexts(value["ours"])) return false;
  const { before } = value;
  if (before === null) return true;
  return (
    isRecord(before) &&
    typeof before["base64"] === "string" &&
    ["mode", "uid", "gid"].every((key) => Number.isInteger(before[key]))
  );
}

function isJournalSetting(value: unknown): boolean {
  return (
    isRecord(value) &&
    ["name", "path", "before", "why"].every((key) => typeof value[key] === "string") &&
    isTexts(value["ours"])
  );
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
