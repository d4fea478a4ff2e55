// YAML 1.2 text to a tree of values with places. The features of YAML that a configuration does not need are errors:
// unknown tags, keys that are no text, a key twice, several documents.

import {
  Composer,
  type CST,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  Parser,
} from "yaml";
import { type FilePlace, type KeyPath, type ProblemList, quoteText } from "./problem.ts";
import type { MappingEntry, MappingNode, Scalar, TreeNode } from "./tree.ts";

/** An alias repeats its value: ten lines of aliases of aliases repeat one a billion times. */
const NODES_MAX = 50_000;
const DEPTH_MAX = 32;

/** The tree of one file, an empty mapping for an empty one; null, with problems, where the text is no YAML. */
export function parseYaml(file: string, text: string, problems: ProblemList): MappingNode | null {
  const lines = new LineCounter();
  const before = problems.count;
  const placeOf = (offset: number): FilePlace => {
    const { line, col } = lines.linePos(Math.min(offset, text.length));
    return { file, line: Math.max(1, line), column: Math.max(1, col) };
  };
  const documents = parseText(text, lines);
  const [document, second] = documents ?? [];
  if (document === undefined) {
    problems.add({ file, line: 1, column: 1 }, [], "is nested too deeply", `at most ${DEPTH_MAX} levels`);
    return null;
  }
  for (const { pos, message } of [...document.errors, ...document.warnings]) {
    problems.add(placeOf(pos[0]), [], `not valid YAML: ${inOneLine(message)}`, "YAML 1.2");
  }
  if (second !== undefined) {
    problems.add(placeOf(second.range[0]), [], "a second document begins here", "one document in a file");
  }
  if (problems.count > before) return null;
  const start: FilePlace = { file, line: 1, column: 1 };
  if (document.contents === null) return { kind: "mapping", place: start, entries: new Map() };
  const root = new YamlReader(placeOf, problems).read(document.contents, [], 0);
  if (root === null || root.kind === "mapping") return root;
  // Comments alone, or `---` alone, are an empty file.
  if (root.kind === "scalar" && root.value === null)
    return { kind: "mapping", place: start, entries: new Map() };
  problems.add(root.place, [], "the file is no mapping", "lines of the form `key: value`");
  return null;
}

/** Parses as parseDocument does, but stops reading a text that is no YAML. */
function parseText(text: string, lines: LineCounter): Document.Parsed[] | null {
  // The composer's own check for equal keys compares each with each; ours looks them up.
  const composer = new Composer({ lineCounter: lines, prettyErrors: false, uniqueKeys: false });
  const tokens = new Parser(lines.addNewLine).parse(text);
  try {
    return [...composer.compose(untilHopeless(tokens), true, text.length)] as Document.Parsed[];
  } catch (error) {
    // The composer calls itself for each level, and runs out of stack.
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** A megabyte of closing brackets is a million errors, which take the composer seconds. */
const BROKEN_TOKENS_MAX = 1000;

function* untilHopeless(tokens: Iterable<CST.Token>): Generator<CST.Token> {
  let broken = 0;
  for (const token of tokens) {
    if (token.type === "error" && ++broken > BROKEN_TOKENS_MAX) return;
    yield token;
  }
}

class YamlReader {
  readonly #placeOf: (offset: number) => FilePlace;
  readonly #problems: ProblemList;
  /** Anchors seen so far: an alias may only name what stands before it. */
  readonly #anchors = new Map<string, unknown>();
  /** Anchors being read: one that contains its own alias has no end. */
  readonly #open = new Set<unknown>();
  #nodes = 0;
  #full = false;

  constructor(placeOf: (offset: number) => FilePlace, problems: ProblemList) {
    this.#placeOf = placeOf;
    this.#problems = problems;
  }

  /** The node as a tree; null where a problem has been noted. `at` is where an alias stands. */
  read(node: unknown, path: KeyPath, depth: number, at?: FilePlace): TreeNode | null {
    const place = at ?? this.#placeOf(offsetOf(node));
    this.#nodes += 1;
    if (this.#nodes > NODES_MAX || depth > DEPTH_MAX) return this.#refuseSize(place, depth);
    if (isAlias(node)) return this.#readAlias(node.source, place, path, depth);
    if (isScalar(node) || isMap(node) || isSeq(node)) {
      if (node.anchor !== undefined) this.#anchors.set(node.anchor, node);
    }
    this.#open.add(node);
    try {
      if (isMap(node)) return this.#readMapping(node.items, place, path, depth);
      if (isSeq(node)) return this.#readList(node.items, place, path, depth);
      return this.#readScalar(node, place, path);
    } finally {
      this.#open.delete(node);
    }
  }

  #readAlias(name: string, place: FilePlace, path: KeyPath, depth: number): TreeNode | null {
    const target = this.#anchors.get(name);
    if (target !== undefined && !this.#open.has(target)) return this.read(target, path, depth + 1, place);
    const message =
      target === undefined ? `no anchor &${name} stands before *${name}` : `*${name} is inside itself`;
    this.#problems.add(place, path, message, "an alias of an anchor further up");
    return null;
  }

  #readMapping(pairs: readonly Pair[], place: FilePlace, path: KeyPath, depth: number): TreeNode | null {
    const entries = new Map<string, MappingEntry>();
    for (const pair of pairs) {
      const key = isScalar(pair.key) ? pair.key.value : undefined;
      const keyPlace = this.#placeOf(offsetOf(pair.key));
      if (typeof key !== "string") {
        const shown = isScalar(pair.key) ? quoteText(String(key)) : "this";
        this.#problems.add(keyPlace, path, `${shown} is no key`, "a name of letters, followed by a colon");
        continue;
      }
      const first = entries.get(key);
      if (first !== undefined) {
        const message = `is set twice; first in line ${first.keyPlace.line}`;
        this.#problems.add(keyPlace, [...path, key], message, "each key once");
        continue;
      }
      const node = this.#readValue(pair.value, keyPlace, [...path, key], depth + 1);
      if (node !== null) entries.set(key, { keyPlace, node });
      if (this.#full) return null;
    }
    return { kind: "mapping", place, entries };
  }

  /** In `{ key }` there is no value at all. */
  #readValue(value: unknown, keyPlace: FilePlace, path: KeyPath, depth: number): TreeNode | null {
    if (value === null) return { kind: "scalar", place: keyPlace, value: null };
    return this.read(value, path, depth);
  }

  #readList(values: readonly unknown[], place: FilePlace, path: KeyPath, depth: number): TreeNode | null {
    const items: TreeNode[] = [];
    for (const [i, value] of values.entries()) {
      const node = this.read(value, [...path, i], depth + 1);
      // A left-out item would move the others to another index.
      items.push(node ?? { kind: "scalar", place, value: null });
      if (this.#full) return null;
    }
    return { kind: "list", place, items };
  }

  #readScalar(node: unknown, place: FilePlace, path: KeyPath): TreeNode | null {
    const value = isScalar(node) ? node.value : undefined;
    if (value === null || ["string", "number", "boolean"].includes(typeof value)) {
      return { kind: "scalar", place, value: value as Scalar };
    }
    this.#problems.add(place, path, "is of a type that is not used here", "text, a number, true or false");
    return null;
  }

  #refuseSize(place: FilePlace, depth: number): null {
    if (this.#full) return null;
    this.#full = true;
    const message =
      depth > DEPTH_MAX ? "is nested too deeply" : "has too many values, with its aliases written out";
    this.#problems.add(place, [], message, `at most ${NODES_MAX} values and ${DEPTH_MAX} levels`);
    return null;
  }
}

function offsetOf(node: unknown): number {
  const range = (node as { readonly range?: readonly number[] | null } | null)?.range;
  return range?.[0] ?? 0;
}

const MESSAGE_MAX = 160;

/** The parser's words on one line, cut: some contain the rest of the file. */
function inOneLine(message: string): string {
  const line = message.replace(/\s+/g, " ");
  const start = /^[A-Z][a-z]/.test(line) ? line[0]!.toLowerCase() + line.slice(1) : line;
  return start.length > MESSAGE_MAX ? `${start.slice(0, MESSAGE_MAX)}...` : start;
}
