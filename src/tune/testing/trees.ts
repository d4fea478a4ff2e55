// Trees for tests: one in memory, one that stops at a chosen call, and what a folder on the disk holds.

import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import path from "node:path";
import type { FileState, Tree } from "../tree.ts";

/** The death of a killed process. No part of the program may catch it. */
export class Crash extends Error {}

/** Stops before the nth change (from 0), or in the midst of it where a change has a midst. Reading never stops. */
export function crashing(tree: Tree, at: number): Tree {
  let changes = 0;
  const before = (midst?: () => void): void => {
    if (changes++ < at) return;
    // Only the change that the crash falls into can be half done.
    if (changes === at + 1) midst?.();
    throw new Crash();
  };
  return {
    ...delegate(tree),
    create(file, state) {
      const half = state.bytes.subarray(0, state.bytes.length / 2);
      before(() => tree.create(file, { ...state, bytes: half }));
      tree.create(file, state);
    },
    rename(from, to) {
      before();
      tree.rename(from, to);
    },
    remove(target) {
      before();
      tree.remove(target);
    },
    makeFolder(folder) {
      before();
      tree.makeFolder(folder);
    },
    overwrite(file, text) {
      before();
      tree.overwrite(file, text);
    },
  };
}

/** Refuses, with this system error, the nth change and every later one of the kinds named. */
export function failing(
  tree: Tree,
  { code, from, kinds }: { readonly code: string; readonly from: number; readonly kinds: readonly string[] },
): Tree {
  let changes = 0;
  const refuseIfChosen = (kind: string): void => {
    if (changes++ < from || !kinds.includes(kind)) return;
    throw Object.assign(new Error(`${code}: made up`), { code, syscall: "write" });
  };
  return {
    ...delegate(tree),
    create(file, state) {
      refuseIfChosen("create");
      tree.create(file, state);
    },
    rename(a, b) {
      refuseIfChosen("rename");
      tree.rename(a, b);
    },
    remove(target) {
      refuseIfChosen("remove");
      tree.remove(target);
    },
    makeFolder(folder) {
      refuseIfChosen("makeFolder");
      tree.makeFolder(folder);
    },
    overwrite(file, text) {
      refuseIfChosen("overwrite");
      tree.overwrite(file, text);
    },
  };
}

/** The same tree, for a test to put another call in. */
export function delegate(tree: Tree): Tree {
  return {
    read: (file) => tree.read(file),
    isFolder: (folder) => tree.isFolder(folder),
    mayWrite: (file) => tree.mayWrite(file),
    create: (file, state) => tree.create(file, state),
    rename: (from, to) => tree.rename(from, to),
    remove: (target) => tree.remove(target),
    makeFolder: (folder) => tree.makeFolder(folder),
    overwrite: (file, text) => tree.overwrite(file, text),
  };
}

/** A tree of texts and folders (null); fast enough to be crashed some thousand times. */
export class MemoryTree implements Tree {
  readonly entries: Map<string, FileState | null> = new Map([["/", null]]);

  clone(): MemoryTree {
    const other = new MemoryTree();
    for (const [name, entry] of this.entries) other.entries.set(name, entry);
    return other;
  }

  add(file: string, text: string, mode = 0o644): void {
    for (let folder = path.dirname(file); !this.entries.has(folder); folder = path.dirname(folder)) {
      this.entries.set(folder, null);
    }
    this.entries.set(file, { bytes: Buffer.from(text), mode, uid: 0, gid: 0 });
  }

  /** Names, modes and contents, to be compared. */
  picture(): string[] {
    return [...this.entries]
      .map(([name, entry]) =>
        entry === null
          ? `${name}/`
          : `${name} ${entry.mode.toString(8)} ${Buffer.from(entry.bytes).toString("base64")}`,
      )
      .sort();
  }

  read(file: string): FileState | null {
    return this.entries.get(file) ?? null;
  }

  isFolder(folder: string): boolean {
    return this.entries.get(folder) === null;
  }

  mayWrite(): boolean {
    return true;
  }

  create(file: string, state: FileState): void {
    this.#mustHaveFolder(file);
    if (this.entries.has(file)) throw systemError("EEXIST", file);
    this.entries.set(file, state);
  }

  rename(from: string, to: string): void {
    const state = this.entries.get(from);
    if (state === undefined) throw systemError("ENOENT", from);
    this.entries.set(to, state);
    this.entries.delete(from);
  }

  remove(target: string): void {
    if (!this.entries.has(target)) throw systemError("ENOENT", target);
    const inside = [...this.entries.keys()].some((name) => name.startsWith(`${target}/`));
    if (inside) throw systemError("ENOTEMPTY", target);
    this.entries.delete(target);
  }

  makeFolder(folder: string): void {
    this.#mustHaveFolder(folder);
    if (this.entries.has(folder)) throw systemError("EEXIST", folder);
    this.entries.set(folder, null);
  }

  overwrite(file: string, text: string): void {
    const state = this.entries.get(file);
    if (state === undefined || state === null) throw systemError("ENOENT", file);
    this.entries.set(file, { ...state, bytes: Buffer.from(text) });
  }

  #mustHaveFolder(file: string): void {
    if (!this.isFolder(path.dirname(file))) throw systemError("ENOENT", file);
  }
}

function systemError(code: string, file: string): Error {
  return Object.assign(new Error(`${code}: ${file}`), { code, syscall: "open" });
}

/** Every name below a folder with its kind, mode, owner and content. */
export function pictureOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .sort()
    .map((name) => {
      const file = path.join(folder, name);
      const { mode, uid, gid } = lstatSync(file);
      const kind = lstatSync(file).isSymbolicLink()
        ? `-> ${readlinkSync(file)}`
        : lstatSync(file).isDirectory()
          ? ""
          : readFileSync(file).toString("base64");
      return `${name} ${mode.toString(8)} ${uid}:${gid} ${kind}`;
    });
}
