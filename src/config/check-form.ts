// Holds the tree against the schema. Each issue of zod becomes a problem with its place and the accepted values.

import type { z } from "zod";
import { nearest } from "./near.ts";
import { type KeyPath, type ProblemList, quoteText } from "./problem.ts";
import { configSchema, type FileValues } from "./schema.ts";
import { keyPlaceAt, type MappingNode, nodeAt, placeAt, plainValue, type TreeNode } from "./tree.ts";
import { acceptedAt, mappingKeys, schemaAt } from "./walk.ts";

type Issue = z.core.$ZodIssue;

/** The values; null, with problems, where the form of any is wrong. */
export function checkForm(tree: MappingNode, problems: ProblemList): FileValues | null {
  const result = configSchema.safeParse(plainValue(tree));
  if (result.success) return result.data;
  for (const issue of result.error.issues) noteIssue(issue, [], tree, problems);
  return null;
}

/** The values at one path; null where their form is wrong. Right values are checked although others are wrong. */
export function valuesAt<T>(tree: MappingNode, path: KeyPath): T | null {
  const schema = schemaAt(path);
  const node = nodeAt(tree, path);
  const result = schema?.safeParse(node === null ? undefined : plainValue(node));
  return result?.success ? (result.data as T) : null;
}

function noteIssue(issue: Issue, around: KeyPath, tree: TreeNode, problems: ProblemList): void {
  const path = [...around, ...(issue.path as (string | number)[])];
  if (issue.code === "unrecognized_keys") {
    for (const key of issue.keys) noteUnknownKey(key, path, tree, problems);
    return;
  }
  const inside = issue.code === "invalid_union" ? meantForm(issue.errors) : null;
  if (inside !== null) {
    for (const deeper of inside) noteIssue(deeper, path, tree, problems);
    return;
  }
  const schema = schemaAt(path);
  const accepted = schema === null ? "" : acceptedAt(schema);
  const node = nodeAt(tree, path);
  if (node === null) {
    // The problem names the missing key, and shows the mapping that lacks it.
    problems.add(placeAt(tree, path), path, "is missing", accepted);
    return;
  }
  problems.add(node.place, path, messageOf(issue, node), hint(node, issue, accepted));
}

/** The form that somebody began to write, of several: its issue lies inside, or is about a value and not its type. */
function meantForm(branches: readonly (readonly Issue[])[]): readonly Issue[] | null {
  const inside = branches.find((issues) =>
    issues.some(({ path, code }) => path.length > 0 || code === "unrecognized_keys"),
  );
  return inside ?? branches.find((issues) => issues.some(({ code }) => code === "custom")) ?? null;
}

function noteUnknownKey(key: string, path: KeyPath, tree: TreeNode, problems: ProblemList): void {
  const schema = schemaAt(path);
  const keys = schema === null ? [] : mappingKeys(schema);
  const near = nearest(key, keys);
  const guess = near === null ? "" : `did you mean ${near}? `;
  const place = keyPlaceAt(tree, [...path, key]);
  problems.add(place, [...path, key], "unknown key", `${guess}Keys here: ${keys.join(", ")}`);
}

/** The value that was found, and why it is not accepted. */
function messageOf(issue: Issue, node: TreeNode): string {
  const found = describeNode(node);
  if (node.kind === "scalar" && node.value === null) return "has no value; give it one, or take the key away";
  if (node.kind === "list" && node.items.length === 0) return "is an empty list";
  const ofRightType = issue.code !== "invalid_type";
  if (issue.code === "custom") return `${found} ${issue.message}`;
  if (issue.code === "too_small" && ofRightType) return `${found} is too low`;
  if (issue.code === "too_big") return `${found} is too ${node.kind === "list" ? "long" : "high"}`;
  return `${found} is not accepted`;
}

function hint(node: TreeNode, issue: Issue, accepted: string): string {
  if (node.kind !== "scalar") return accepted;
  if (typeof node.value === "number" && accepted.includes("a duration")) {
    return `${accepted}. A number without a unit is a guess: did you mean ${node.value}s?`;
  }
  if (typeof node.value === "string" && accepted === "true or false") {
    return /^(yes|on)$/i.test(node.value) ? `${accepted}. Did you mean true?` : accepted;
  }
  if (issue.code !== "invalid_value" || typeof node.value !== "string") return accepted;
  const near = nearest(node.value, issue.values.map(String));
  return near === null ? accepted : `${accepted}. Did you mean ${near}?`;
}

function describeNode(node: TreeNode): string {
  if (node.kind === "mapping") return "a mapping";
  if (node.kind === "list") return "a list";
  return typeof node.value === "string" ? quoteText(node.value) : String(node.value);
}
