// Walks the schema: lists all settings, and tells what is accepted at a path.

import type { z } from "zod";
import { type Definition, definition, unwrap } from "./definition.ts";
import { acceptedWords } from "./forms.ts";
import type { KeyPath } from "./problem.ts";
import { configSchema } from "./schema.ts";
import { type SettingWords, settingWords, valueKey } from "./setting.ts";

export interface DocumentedSetting {
  /** `listeners[].limits.holdFor`. */
  readonly key: string;
  /** The last part of the key. */
  readonly name: string;
  /** Its key among the values: `everyMs` for `every`. */
  readonly valueKey: string;
  /** How many mappings and lists are around it. */
  readonly depth: number;
  readonly kind: "value" | "mapping" | "list of mappings";
  /** Whether it may be absent, and there is no default then. */
  readonly isOptional: boolean;
  readonly accepted: string;
  readonly words: SettingWords;
  readonly schema: z.ZodType;
  /** The settings in a mapping, or in each mapping of a list. */
  readonly inside: readonly DocumentedSetting[];
}

/** Every setting in the order of the schema, each section before its settings. */
export function allSettings(): DocumentedSetting[] {
  return settingTree().flatMap(flat);
}

/** The settings at the top, each with those in it. */
export function settingTree(): DocumentedSetting[] {
  return settingsIn(configSchema, "", 0);
}

function flat(setting: DocumentedSetting): DocumentedSetting[] {
  return [setting, ...setting.inside.flatMap(flat)];
}

function settingsIn(around: z.ZodType, prefix: string, depth: number): DocumentedSetting[] {
  return Object.entries(definition(unwrap(around)).shape ?? {}).flatMap(([name, schema]) => {
    const words = settingWords(schema);
    return words === null ? [] : [documentedSetting({ name, schema, words }, prefix, depth)];
  });
}

function documentedSetting(
  { name, schema, words }: Pick<DocumentedSetting, "name" | "schema" | "words">,
  prefix: string,
  depth: number,
): DocumentedSetting {
  const inner = unwrap(schema);
  const key = `${prefix}${name}`;
  const isOptional = definition(schema).type === "optional";
  const accepted = acceptedAt(inner);
  const base = { key, name, valueKey: valueKey(name, schema), depth, isOptional, words, schema, accepted };
  const element = elementMapping(inner);
  if (element !== null) {
    const inside = settingsIn(element, `${key}[].`, depth + 2);
    return { ...base, key: `${key}[]`, kind: "list of mappings", inside };
  }
  if (definition(inner).type !== "object") return { ...base, kind: "value", inside: [] };
  return { ...base, kind: "mapping", inside: settingsIn(inner, `${key}.`, depth + 1) };
}

/** The mapping that a list of mappings has; null for lists of values. */
function elementMapping(schema: z.ZodType): z.ZodType | null {
  const { type, element } = definition(schema);
  return type === "array" && element && definition(unwrap(element)).type === "object"
    ? unwrap(element)
    : null;
}

/** Words for what a schema accepts. */
export function acceptedAt(schema: z.ZodType): string {
  const inner = unwrap(schema);
  const known = acceptedWords(inner);
  if (known !== null) return known;
  if (definition(inner).type === "array") return "a list of mappings, each after a dash";
  const keys = mappingKeys(inner);
  return keys.length > 0 ? `a mapping with the keys ${keys.join(", ")}` : "";
}

/** The keys of a mapping; none for anything else. */
export function mappingKeys(schema: z.ZodType): string[] {
  return Object.keys(mappingIn(schema)?.shape ?? {});
}

/** The schema at a path; null where the path leads nowhere. */
export function schemaAt(path: KeyPath): z.ZodType | null {
  let schema: z.ZodType = configSchema;
  for (const part of path) {
    const next =
      typeof part === "number" ? definition(unwrap(schema)).element : mappingIn(schema)?.shape?.[part];
    if (next === undefined) return null;
    schema = next;
  }
  return schema;
}

/** The mapping inside a schema, also where it is one of several forms. */
function mappingIn(schema: z.ZodType): Definition | null {
  const inner = definition(unwrap(schema));
  if (inner.type === "object") return inner;
  if (inner.type === "pipe" && inner.in) return mappingIn(inner.in);
  return inner.options?.map(mappingIn).find((found) => found !== null) ?? null;
}
