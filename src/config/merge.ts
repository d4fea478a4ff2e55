// Several files into one tree: mappings merge key by key, the three lists append, any other key may come once.

import type { KeyPath, ProblemList } from "./problem.ts";
import { formatPlace, type MappingEntry, type MappingNode, type TreeNode } from "./tree.ts";

/** The lists that a file in conf.d adds to. Every other list is one value. */
const APPENDED: readonly string[] = ["listeners", "allow", "monitors"];

/** The trees as one; empty for none. A key given twice is a problem that names both places. */
export function mergeTrees(trees: readonly MappingNode[], file: string, problems: ProblemList): MappingNode {
  const [first, ...rest] = trees;
  if (first === undefined)
    return { kind: "mapping", place: { file, line: 1, column: 1 }, entries: new Map() };
  return rest.reduce((merged, tree) => mergeMappings(merged, tree, [], problems), first);
}

function mergeMappings(a: MappingNode, b: MappingNode, path: KeyPath, problems: ProblemList): MappingNode {
  const entries = new Map(a.entries);
  for (const [key, added] of b.entries) {
    const known = entries.get(key);
    const node = known === undefined ? added.node : mergeNodes(known, added, [...path, key], problems);
    entries.set(key, { keyPlace: (known ?? added).keyPlace, node });
  }
  return { kind: "mapping", place: a.place, entries };
}

function mergeNodes(
  known: MappingEntry,
  added: MappingEntry,
  path: KeyPath,
  problems: ProblemList,
): TreeNode {
  const { node: a } = known;
  const { node: b } = added;
  if (a.kind === "mapping" && b.kind === "mapping") return mergeMappings(a, b, path, problems);
  if (a.kind === "list" && b.kind === "list" && path.length === 1 && APPENDED.includes(String(path[0]))) {
    return { kind: "list", place: a.place, items: [...a.items, ...b.items] };
  }
  const message = `is set in two files; also in ${formatPlace(known.keyPlace)}`;
  problems.add(added.keyPlace, path, message, "each key in one file");
  return a;
}
