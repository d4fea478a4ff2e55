// A file's values with the place of each, so that a later check can show where a problem stands.

import type { FilePlace, KeyPath } from "./problem.ts";

export type Scalar = string | number | boolean | null;

export interface MappingNode {
  readonly kind: "mapping";
  readonly place: FilePlace;
  readonly entries: ReadonlyMap<string, MappingEntry>;
}

export interface MappingEntry {
  readonly keyPlace: FilePlace;
  readonly node: TreeNode;
}

export interface ListNode {
  readonly kind: "list";
  readonly place: FilePlace;
  readonly items: readonly TreeNode[];
}

export interface ScalarNode {
  readonly kind: "scalar";
  readonly place: FilePlace;
  readonly value: Scalar;
}

export type TreeNode = MappingNode | ListNode | ScalarNode;

/** The node at a path, or null. */
export function nodeAt(tree: TreeNode, path: KeyPath): TreeNode | null {
  let node: TreeNode | undefined = tree;
  for (const part of path) {
    if (node?.kind === "mapping") node = node.entries.get(String(part))?.node;
    else if (node?.kind === "list") node = node.items[Number(part)];
    else return null;
  }
  return node ?? null;
}

/** The place of a path; for a missing one, the place of the nearest thing around it. */
export function placeAt(tree: TreeNode, path: KeyPath): FilePlace {
  for (let length = path.length; length > 0; length--) {
    const node = nodeAt(tree, path.slice(0, length));
    if (node !== null) return node.place;
  }
  return tree.place;
}

/** The place of a path's last key, else as `placeAt`. */
export function keyPlaceAt(tree: TreeNode, path: KeyPath): FilePlace {
  const around = nodeAt(tree, path.slice(0, -1));
  const entry = around?.kind === "mapping" ? around.entries.get(String(path.at(-1))) : undefined;
  return entry?.keyPlace ?? placeAt(tree, path);
}

/** The values alone, for the schema. Mappings have no prototype, so `__proto__` is a key like any other. */
export function plainValue(node: TreeNode): unknown {
  if (node.kind === "scalar") return node.value;
  if (node.kind === "list") return node.items.map(plainValue);
  const plain: Record<string, unknown> = Object.create(null);
  for (const [key, entry] of node.entries) plain[key] = plainValue(entry.node);
  return plain;
}

/** `file:line:column`, as compilers write it. */
export function formatPlace({ file, line, column }: FilePlace): string {
  return `${file}:${line}:${column}`;
}
