// What a reload changes, and which of that only a restart can.

import type { Config } from "./config.ts";
import type { EffectiveValue } from "./effective.ts";
import { allSettings } from "./walk.ts";

/**
 * The keys whose value differs, in the order of the configuration: `ban.first`, `listeners[sip].limits.holdFor`. An item
 * that was added or taken away is one key, `listeners[sip]`. Pure.
 */
export function changedKeys({ effective: old }: Config, { effective: now }: Config): string[] {
  const keys = [...new Set([...old.keys(), ...now.keys()])];
  const changed = keys.filter((key) => !same(old.get(key), now.get(key)));
  // What is inside an item that came or went says nothing more.
  const whole = changed.filter((key) => !(old.has(key) && now.has(key)));
  return changed.filter((key) => !whole.some((item) => key !== item && key.startsWith(`${item}.`)));
}

/** Those of the changed keys that only a restart puts in force, by what the schema says of each. */
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

/** Whether a setting is inside of an item, and has a value there. */
function isGivenIn(item: string, key: string, value: EffectiveValue): boolean {
  return value !== null && key.startsWith(`${item}.`);
}

function same(a: EffectiveValue | undefined, b: EffectiveValue | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
