// The settings that a reload changes, and those of them that need a restart.

import type { Config } from "./config.ts";
import type { EffectiveValue } from "./effective.ts";
import { allSettings } from "./walk.ts";

/**
 * The keys whose value differs, in the order of the configuration: `ban.first`, `listeners[sip].limits.holdFor`. An
 * added or removed item is one key, `listeners[sip]`. Pure.
 */
export function changedKeys({ effective: old }: Config, { effective: now }: Config): string[] {
  const keys = [...new Set([...old.keys(), ...now.keys()])];
  const changed = keys.filter((key) => !same(old.get(key), now.get(key)));
  // The settings inside an added or removed item say nothing more.
  const whole = changed.filter((key) => !(old.has(key) && now.has(key)));
  return changed.filter((key) => !whole.some((item) => key !== item && key.startsWith(`${item}.`)));
}

/** Those changed keys that only a restart puts in force, as the schema says. */
export function restartKeys(before: Config, after: Config): string[] {
  const restart = new Set(
    allSettings().flatMap(({ key, words }) => (words.reload === "restart" ? [key] : [])),
  );
  const takesRestart = (key: string, { effective }: Config): boolean =>
    restart.has(documented(key)) ||
    [...effective].some(([inner, value]) => isGivenIn(key, inner, value) && restart.has(documented(inner)));
  return changedKeys(before, after).filter((key) => takesRestart(key, before) || takesRestart(key, after));
}

/** The key of the schema: `listeners[sip].netns` is `listeners[].netns` there. */
function documented(key: string): string {
  return key.replace(/\[[^\]]*\]/g, "[]");
}

/** Whether a setting lies inside an item, and has a value there. */
function isGivenIn(item: string, key: string, value: EffectiveValue): boolean {
  return value !== null && key.startsWith(`${item}.`);
}

function same(a: EffectiveValue | undefined, b: EffectiveValue | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
