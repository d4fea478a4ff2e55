// What a reload changes, and which of that only a restart can.

import type { Config } from "./config.ts";
import { type EffectiveValue, effectiveSettings } from "./effective.ts";

/**
 * The keys whose value differs, in the order of the configuration: `ban.first`, `listeners[sip].limits.holdFor`. An item
 * that was added or taken away is one key, `listeners[sip]`. Pure.
 */
export function changedKeys(before: Config, after: Config): string[] {
  const old = effectiveSettings(before);
  const now = effectiveSettings(after);
  const keys = [...new Set([...now.keys(), ...old.keys()])];
  const changed = keys.filter((key) => !same(old.get(key), now.get(key)));
  // What is inside an item that came or went says nothing more.
  const whole = changed.filter((key) => !(old.has(key) && now.has(key)));
  return changed.filter((key) => !whole.some((item) => key !== item && key.startsWith(`${item}.`)));
}

/** Those of the changed keys that take a restart: what was opened at the start stays open until the end. */
export function restartKeys(before: Config, after: Config): string[] {
  return changedKeys(before, after).filter((key) => {
    if (/^(stateDir|socket|http)(\.|$)/.test(key) || /^listeners\[.*\]\.netns$/.test(key)) return true;
    return usesNetns(before, key) || usesNetns(after, key);
  });
}

/** Whether the key is a whole listener of another network namespace. */
function usesNetns(config: Config, key: string): boolean {
  return (config.listeners ?? []).some(
    ({ name, selector }) => key === `listeners[${name}]` && selector.netns !== null,
  );
}

function same(a: EffectiveValue | undefined, b: EffectiveValue | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
