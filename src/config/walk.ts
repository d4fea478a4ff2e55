// Walks the schema: the list of all settings, and what is accepted at a path.

import type { z } from "zod";
import { acceptedWords } from "./forms.ts";
import type { KeyPath } from "./problem.ts";
import { configSchema } from "./schema.ts";
import { type SettingWords, settingWords } from "./setting.ts";

export interface Setting {
  /** `listeners[].limits.holdFor`. */
  readonly key: string;
  /** The last part of the key. */
  readonly name: string;
  /** How many mappings and lists are around it. */
  readonly depth: number;
  readonly kind: "value" | "mapping" | "list of mappings";
  readonly accepted: string;
  readonly words: SettingWords;
  readonly schema: z.ZodType;
}

/** The parts of zod's definitions that are looked at. */
interface Definition {
  readonly type: string;
  readonly innerType?: z.ZodType;
  readonly element?: z.ZodType;
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly options?: readonly z.ZodType[];
  readonly in?: z.ZodType;
}

function definition(schema: z.ZodType): Definition {
  return schema._zod.def as unknown as Definition;
}

/** The form inside what only says what is so when it is left out. */
export function unwrap(schema: z.ZodType): z.ZodType {
  const { type, innerType } = definition(schema);
  return (type === "optional" || type === "prefault") && innerType ? unwrap(innerType) : schema;
}

/** Every setting, sections before what is in them, in the order of the schema. */
export function allSettings(): Setting[] {
  return settingsIn(configSchema, "", 0);
}

function settingsIn(mapping: z.ZodType, prefix: string, depth: number): Setting[] {
  return Object.entries(definition(mapping).shape ?? {}).flatMap(([name, schema]) => {
    const words = settingWords(schema);
    if (words === null) return [];
    const inner = unwrap(schema);
    const base = { key: `${prefix}${name}`, name, depth, words, schema, accepted: acceptedAt(inner) };
    const element = elementMapping(inner);
    if (element !== null) {
      const key = `${base.key}[]`;
      return [{ ...base, key, kind: "list of mappings" }, ...settingsIn(element, `${key}.`, depth + 2)];
    }
    if (definition(inner).type !== "object") return [{ ...base, kind: "value" }];
    return [{ ...base, kind: "mapping" }, ...settingsIn(inner, `${base.key}.`, depth + 1)];
  }) as Setting[];
}

/** The mapping that a list of mappings has; null for lists of values. */
function elementMapping(schema: z.ZodType): z.ZodType | null {
  const { type, element } = definition(schema);
  return type === "array" && element && definition(unwrap(element)).type === "object"
    ? unwrap(element)
    : null;
}

/** In words what is accepted by a schema. */
export function acceptedAt(schema: z.ZodType): string {
  const inner = unwrap(schema);
  const known = acceptedWords(inner);
  if (known !== null) return known;
  if (definition(inner).type === "array") return "a list of mappings, each after a dash";
  const keys = keysOf(inner);
  return keys.length > 0 ? `a mapping with the keys ${keys.join(", ")}` : "";
}

/** The keys of a mapping; none for anything else. */
export function keysOf(schema: z.ZodType): string[] {
  return Object.keys(mappingIn(schema)?.shape ?? {});
}

/** The schema at a path as far as it goes down; null where the path leads nowhere. */
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
