// Loads the configuration: finds the files, reads and merges them, checks everything, and gives one value or all problems.

import { buildConfig } from "./build.ts";
import { checkForm } from "./check-form.ts";
import { checkMeaning } from "./check-meaning.ts";
import type { Config } from "./config.ts";
import { findFiles } from "./find-files.ts";
import { mergeTrees } from "./merge.ts";
import { parseYaml } from "./parse-yaml.ts";
import { type ConfigPlaces, configPlaces, type Environment } from "./places.ts";
import { type ConfigProblem, ProblemList } from "./problem.ts";
import { readConfigFile } from "./read-file.ts";
import { settleValues } from "./settle.ts";
import type { MappingNode } from "./tree.ts";

export interface LoadOptions {
  /** The main file, as `-c` gives it; null for that of SOCKWARDEN_CONFIG, else the default place. */
  readonly file: string | null;
  /** The user whose default places count. */
  readonly uid: number;
  readonly env: Environment;
  /** A folder to put before the default place, for tests and images. */
  readonly root?: string;
}

export type LoadedConfig =
  | {
      readonly ok: true;
      readonly config: Config;
      /** The files read, in order; empty where the default place has none. */
      readonly files: readonly string[];
    }
  | { readonly ok: false; readonly errors: readonly ConfigProblem[]; readonly files: readonly string[] };

/** Never throws for bad contents or unreadable files; each is a problem. */
export function loadConfig(options: LoadOptions): LoadedConfig {
  const places = configPlaces(options.uid, options.env);
  const problems = new ProblemList();
  const files = findFiles(options, places.file, problems);
  const trees: MappingNode[] = [];
  for (const file of files) {
    const text = readConfigFile(file, problems);
    const tree = text === null ? null : parseYaml(file, text, problems);
    if (tree !== null) trees.push(tree);
  }
  // The values of a broken file are unknown, so nothing more can be said about the others.
  if (trees.length < files.length) return { ok: false, errors: problems.sorted(), files };
  const config = checkTrees(trees, places, problems);
  return config === null ? { ok: false, errors: problems.sorted(), files } : { ok: true, config, files };
}

/** The configuration of one text, with the default places of a user; for editors and tests. */
export function readConfigText(text: string, file: string, places: ConfigPlaces): LoadedConfig {
  const problems = new ProblemList();
  const tree = parseYaml(file, text, problems);
  const config = tree === null ? null : checkTrees([tree], places, problems);
  return config === null
    ? { ok: false, errors: problems.sorted(), files: [file] }
    : { ok: true, config, files: [file] };
}

function checkTrees(
  trees: readonly MappingNode[],
  places: ConfigPlaces,
  problems: ProblemList,
): Config | null {
  const tree = mergeTrees(trees, places.file, problems);
  const values = checkForm(tree, problems);
  checkMeaning(tree, problems);
  return values === null || problems.count > 0 ? null : buildConfig(settleValues(values, places));
}
