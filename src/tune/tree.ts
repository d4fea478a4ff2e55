// Everything that apply and rollback do to a machine, in calls so small that a crash can only fall between two of them.
// Tests put a tree in their place that stops at the nth call.

import {
  accessSync,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmdirSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import path from "node:path";
import { isAbsent, isForbidden } from "../linux/index.ts";
import { TuneError } from "./tune-error.ts";

export interface FileState {
  readonly bytes: Uint8Array;
  /** Permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** Each call is on the disk when it returns. */
export interface Tree {
  /** Null where there is nothing. Throws TuneError for anything but a regular file. */
  read(path: string): FileState | null;
  isFolder(path: string): boolean;
  mayWrite(path: string): boolean;
  /** A new file; fails where one is. */
  create(path: string, file: FileState): void;
  /** Takes the other's place at once, as rename(2) does. */
  rename(from: string, to: string): void;
  /** A file or an empty folder. */
  remove(path: string): void;
  makeFolder(path: string): void;
  /** Sets a kernel setting. */
  overwrite(path: string, text: string): void;
}

const FOLDER_MODE = 0o755;

/** The machine's own files. */
export const DISK_TREE: Tree = {
  read(file) {
    try {
      const stat = lstatSync(file, { throwIfNoEntry: false });
      if (stat === undefined) return null;
      if (!stat.isFile()) {
        throw new TuneError("unreadable", `${file} is no regular file; move it away first`);
      }
      const { uid, gid } = stat;
      return { bytes: readFileSync(file), mode: stat.mode & 0o7777, uid, gid };
    } catch (error) {
      if (isAbsent(error)) return null;
      if (isForbidden(error)) throw new TuneError("forbidden", `may not read ${file}; run as root`, error);
      throw error;
    }
  },

  isFolder(folder) {
    return lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() ?? false;
  },

  mayWrite(file) {
    try {
      accessSync(file, constants.W_OK);
      return true;
    } catch {
      return false;
    }
  },

  create(file, { bytes, mode, uid, gid }) {
    const fd = openSync(file, "wx", 0o600);
    try {
      for (let written = 0; written < bytes.length; ) written += writeSync(fd, bytes, written);
      const made = fstatSync(fd);
      if (made.uid !== uid || made.gid !== gid) fchownSync(fd, uid, gid);
      fchmodSync(fd, mode);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    syncFolderOf(file);
  },

  rename(from, to) {
    renameSync(from, to);
    syncFolderOf(to);
  },

  remove(target) {
    if (lstatSync(target).isDirectory()) rmdirSync(target);
    else unlinkSync(target);
    syncFolderOf(target);
  },

  makeFolder(folder) {
    mkdirSync(folder, { mode: FOLDER_MODE });
    syncFolderOf(folder);
  },

  overwrite(file, text) {
    // Opening must not truncate: a setting's file takes one write and has no length. A stand-in for one is cut
    // afterwards.
    const fd = openSync(file, "r+");
    try {
      const length = writeSync(fd, text, 0);
      if (fstatSync(fd).size > length) ftruncateSync(fd, length);
    } finally {
      closeSync(fd);
    }
  },
};

/** A name is on the disk only once its folder is. */
function syncFolderOf(file: string): void {
  const fd = openSync(path.dirname(file), "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
