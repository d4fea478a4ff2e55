// A copy of the project in a temporary folder, for pieces to be laid in and tried out. Its packages are this one's.

import { spawn } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { edited, type Recipe } from "./recipe.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const COPIED = ["bench", "bin", "docs", "examples", "lab", "src", "test", "tools"];
const COPIED_FILES = ["biome.json", "package.json", "package-lock.json", "tsconfig.json"];

export interface Ended {
  readonly code: number | null;
  /** Both streams as they came. */
  readonly output: string;
}

export class ProjectCopy implements Disposable {
  readonly #folder = mkdtempSync(path.join(tmpdir(), "sockwarden-recipes-"));

  constructor() {
    for (const name of [...COPIED, ...COPIED_FILES])
      cpSync(path.join(ROOT, name), path.join(this.#folder, name), { recursive: true });
    for (const file of ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE"])
      cpSync(path.join(ROOT, file), path.join(this.#folder, file));
    symlinkSync(path.join(ROOT, "node_modules"), path.join(this.#folder, "node_modules"));
  }

  layIn({ edits }: Recipe): void {
    for (const edit of edits) {
      const file = path.join(this.#folder, edit.file);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, edited(existsSync(file) ? readFileSync(file, "utf8") : null, edit));
    }
  }

  /** Runs a program of the packages, or node, in the copy. */
  async run(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
    const file = program === "node" ? process.execPath : path.join(ROOT, "node_modules/.bin", program);
    const { NODE_TEST_CONTEXT: _, ...own } = process.env;
    const child = spawn(file, args, { cwd: this.#folder, env: { ...own, ...env } });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
      });
    return new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code) => resolve({ code, output }));
    });
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
