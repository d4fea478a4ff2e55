// A configuration in the words of its files: each setting's key with its value, read off the schema. Comparing two of these
// says what a reload changes; the tests hold the documented defaults against it.

import { formatNetwork, type Network } from "../model/index.ts";
import type { SettledValues } from "./settle.ts";
import { type DocumentedSetting, settingTree } from "./walk.ts";

/** Durations in milliseconds, networks as text, null for what is off or not given. An absent mapping has no key. */
export type EffectiveValue =
  | string
  | number
  | boolean
  | null
  | readonly (string | number)[]
  | Readonly<object>;

/**
 * Every setting by its key. Items of lists go by their names, `listeners[sip].slots`, `allow[192.0.2.0/24].reason`:
 * moving an item to another place changes nothing. An absent list is null under its own key.
 */
export function effectiveSettings(values: SettledValues): Map<string, EffectiveValue> {
  return new Map(entriesIn(settingTree(), "", values));
}

type Entry = [string, EffectiveValue];
type Values = Readonly<Record<string, unknown>>;

function entriesIn(settings: readonly DocumentedSetting[], prefix: string, values: object): Entry[] {
  return settings.flatMap((setting) =>
    entriesOf(setting, `${prefix}${setting.name}`, (values as Values)[setting.valueKey]),
  );
}

function entriesOf(setting: DocumentedSetting, key: string, value: unknown): Entry[] {
  if (setting.kind === "value") return [[key, effectiveValue(value)]];
  if (setting.kind === "list of mappings")
    return value === undefined ? [[key, null]] : listEntries(setting, key, value as Values[]);
  const entries = value === undefined ? [] : entriesIn(setting.inside, `${key}.`, value as Values);
  // An optional mapping has a key of its own, so that its coming and going shows.
  return setting.isOptional && value !== undefined ? [[key, true], ...entries] : entries;
}

/** The items themselves, so that an added or removed one shows, and the settings in them. */
function listEntries({ inside }: DocumentedSetting, key: string, items: readonly Values[]): Entry[] {
  const [identity, ...others] = inside;
  return items.flatMap((item): Entry[] => {
    const name = `${key}[${effectiveValue(item[identity!.valueKey])}]`;
    return [[name, true], ...entriesIn(others, `${name}.`, item)];
  });
}

function effectiveValue(value: unknown): EffectiveValue {
  if (value === undefined) return null;
  return isNetwork(value) ? formatNetwork(value) : (value as EffectiveValue);
}

function isNetwork(value: unknown): value is Network {
  return typeof value === "object" && value !== null && "address" in value && "bits" in value;
}
