// The advised value of a sysctl: the recommendation of tcp-settings.json where it is one or several numbers, else none.

import { KNOWN_SETTINGS, type KnownSetting, type TuneProfile } from "./known-settings.ts";
import { keyMatches } from "./sysctl-keys.ts";

/** The setting that a sysctl key belongs to; some settings stand for two keys or, with `*`, for many. */
export function settingOf(key: string): KnownSetting | undefined {
  return KNOWN_SETTINGS.find(
    ({ kind, name }) => kind === "sysctl" && settingKeys(name).some((own) => keyMatches(own, key)),
  );
}

/** The keys that a setting's name stands for: `a.b.c / d` is a.b.c and a.b.d. */
export function settingKeys(name: string): string[] {
  const [first = "", ...others] = name.split(" / ");
  const folder = first.slice(0, first.lastIndexOf(".") + 1);
  return [first, ...others.map((other) => (other.includes(".") ? other : folder + other))];
}

/** The sysctl keys of all settings; some have a `*`. */
export const SETTING_KEYS: readonly string[] = KNOWN_SETTINGS.filter(({ kind }) => kind === "sysctl").flatMap(
  ({ name }) => settingKeys(name),
);

/** Null where the default is best, or the number depends on the machine. */
export function advisedNumbers(key: string, profile: TuneProfile): readonly number[] | null {
  const advised = settingOf(key)?.recommend[profile] ?? null;
  if (typeof advised === "number") return [advised];
  return typeof advised === "string" ? null : advised;
}

/** The same, as the setting's line has it. */
export function advisedValue(key: string, profile: TuneProfile): string | null {
  return advisedNumbers(key, profile)?.join(" ") ?? null;
}
