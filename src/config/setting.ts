// What a setting is: the form of its value and the words about it. The example file, `config explain` and the schema for
// editors are all made from these words, and a default is filled in from the very text that is shown.

import { z } from "zod";

export interface SettingText {
  /** What it is for, in full sentences. */
  readonly meaning: string;
  /** The unit, where the value does not carry it. */
  readonly unit?: string;
  /** What goes wrong with a bad value. */
  readonly danger?: string;
  /** As it would stand behind the colon. */
  readonly example: string;
}

/** What there is where nothing is said: a value, or in words what it depends on. */
export type DefaultText = { readonly value: string | number | boolean } | { readonly words: string };

export interface SettingWords extends SettingText {
  readonly default: DefaultText;
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

/** A setting that may be left out, with what is then so in words. */
export function optional<T>(
  form: z.ZodType<T>,
  { unset, ...text }: SettingText & { readonly unset: string },
): z.ZodType<T | undefined> {
  return describe(form.optional(), { ...text, default: { words: unset } });
}

export function required<T>(form: z.ZodType<T>, text: SettingText): z.ZodType<T> {
  return describe(form, { ...text, default: { words: "none: it must be given" } });
}

/** A form for every key of the values that come out, so that neither can have one that the other has not. */
type Shape<T> = { readonly [K in keyof T]-?: z.ZodType<T[K]> };

/** A mapping that is as if empty where it is left out. */
export function section<T>(shape: Shape<T>, meaning: string): z.ZodType<T> {
  const schema = z.strictObject(shape).prefault({} as never) as unknown as z.ZodType<T>;
  return describe(schema, { meaning, example: "", default: { words: "" } });
}

/** A mapping that means something by being there. */
export function optionalSection<T>(
  shape: Shape<T>,
  meaning: string,
  unset: string,
): z.ZodType<T | undefined> {
  const schema = z.strictObject(shape).optional() as unknown as z.ZodType<T | undefined>;
  return describe(schema, { meaning, example: "", default: { words: unset } });
}

/** A list of mappings. */
export function optionalList<T>(
  shape: Shape<T>,
  { min, max }: { readonly min: number; readonly max: number },
  { unset, ...text }: SettingText & { readonly unset: string },
): z.ZodType<T[] | undefined> {
  const list = z.array(z.strictObject(shape)).min(min).max(max);
  const schema = list.optional() as unknown as z.ZodType<T[] | undefined>;
  return describe(schema, { ...text, default: { words: unset } });
}

function describe<S extends z.ZodType>(schema: S, words: SettingWords): S {
  WORDS.set(schema, words);
  return schema;
}
