// A setting: the form of its value and the words about it. These words make the example file, `config explain` and the
// schema for editors. The shown text of a default is the default.

import { z } from "zod";
import { unwrap } from "./definition.ts";
import { isDuration } from "./forms.ts";

/** A reload puts a changed value in force, or only a restart does. */
export type Reload = "live" | "restart";

export interface SettingText {
  /** Its purpose, in full sentences. */
  readonly meaning: string;
  /** The unit, where the value does not carry it. */
  readonly unit?: string;
  /** The harm of a bad value. */
  readonly danger?: string;
  readonly reload: Reload;
  /** As it would stand behind the colon. */
  readonly example: string;
}

/** The words of a mapping or list of mappings. Each setting in it says for itself what puts a change in force. */
type GroupText = Pick<SettingText, "meaning">;

/** The default: a value, or words for what it depends on. */
export type DefaultText = { readonly value: string | number | boolean } | { readonly words: string };

export interface SettingWords extends Omit<SettingText, "reload"> {
  readonly default: DefaultText;
  /** Null for a mapping and a list of mappings. */
  readonly reload: Reload | null;
}

const WORDS = new WeakMap<object, SettingWords>();

/** The words about a schema, if it is a setting's. */
export function settingWords(schema: object): SettingWords | null {
  return WORDS.get(schema) ?? null;
}

/** A setting with a default that depends on nothing. */
export function setting<T>(
  form: z.ZodType<T>,
  { fallback, ...text }: SettingText & { readonly fallback: string | number | boolean },
): z.ZodType<T> {
  const schema = form.prefault(fallback as never) as unknown as z.ZodType<T>;
  return describe(schema, { ...text, default: { value: fallback } });
}

/** A setting that may be left out, with words for what holds then. */
export function optional<T>(
  form: z.ZodType<T>,
  { unset, ...text }: SettingText & { readonly unset: string },
): z.ZodType<T | undefined> {
  return describe(form.optional(), { ...text, default: { words: unset } });
}

export function required<T>(form: z.ZodType<T>, text: SettingText): z.ZodType<T> {
  return describe(form, { ...text, default: { words: "none: it must be given" } });
}

/** The file's key for a key of the values: `everyMs` is `every` in the file, where the value carries the unit. */
type FileKey<K> = K extends `${infer Name}Ms` ? Name : K;

/** A form for each key of the values: neither side can have a key that the other lacks. */
type FormsOf<T> = { readonly [K in keyof T as FileKey<K>]-?: z.ZodType<T[K]> };

/** The key of a setting's value: durations leave as milliseconds, and their names say so. */
export function valueKey(name: string, schema: z.ZodType): string {
  return isDuration(unwrap(schema)) ? `${name}Ms` : name;
}

/** A mapping without words of its own. */
export function mapping<T>(shape: FormsOf<T>): z.ZodType<T> {
  const forms = shape as Readonly<Record<string, z.ZodType>>;
  const named = z
    .strictObject(forms)
    .transform((values) =>
      Object.fromEntries(
        Object.entries(values).map(([name, value]) => [valueKey(name, forms[name]!), value]),
      ),
    );
  return named as unknown as z.ZodType<T>;
}

/** A mapping that counts as empty where it is left out. */
export function section<T>(shape: FormsOf<T>, meaning: string): z.ZodType<T> {
  const schema = mapping<T>(shape).prefault({} as never) as unknown as z.ZodType<T>;
  return group(schema, { meaning }, "");
}

/** A mapping that means something by being there. */
export function optionalSection<T>(
  shape: FormsOf<T>,
  meaning: string,
  unset: string,
): z.ZodType<T | undefined> {
  return group(mapping<T>(shape).optional(), { meaning }, unset);
}

/** A list of mappings. The first key of an item tells it from the others. */
export function optionalList<T>(
  shape: FormsOf<T>,
  { min, max }: { readonly min: number; readonly max: number },
  { unset, ...text }: GroupText & { readonly unset: string },
): z.ZodType<T[] | undefined> {
  const list = z.array(mapping<T>(shape)).min(min).max(max);
  return group(list.optional() as unknown as z.ZodType<T[] | undefined>, text, unset);
}

function group<S extends z.ZodType>(schema: S, { meaning }: GroupText, unset: string): S {
  return describe(schema, { meaning, reload: null, example: "", default: { words: unset } });
}

function describe<S extends z.ZodType>(schema: S, words: SettingWords): S {
  WORDS.set(schema, words);
  return schema;
}
