// The value to write for a setting: the recommendation of settings/tcp-settings.json where it is a number, else none.

import { SETTINGS, type Setting, type TuneProfile } from "./settings.ts";

/** The setting that a sysctl key belongs to; some settings stand for two keys or, with `*`, for many. */
export function settingOf(key: string): Setting | undefined {
  return SETTINGS.find(
    ({ kind, name }) => kind === "sysctl" && keysOf(name).some((own) => matches(own, key)),
  );
}

/** The keys that a setting's name stands for: `a.b.c / d` is a.b.c and a.b.d. */
export function keysOf(name: string): string[] {
  const [first = "", ...others] = name.split(" / ");
  const folder = first.slice(0, first.lastIndexOf(".") + 1);
  return [first, ...others.map((other) => (other.includes(".") ? other : folder + other))];
}

function matches(own: string, key: string): boolean {
  if (!own.includes("*")) return own === key;
  const [head = "", tail = ""] = own.split("*");
  return key.startsWith(head) && key.endsWith(tail);
}

/** The value as its line has it; null where the default is best or the number depends on the machine. */
export function advisedValue(key: string, profile: TuneProfile): string | null {
  const advised = settingOf(key)?.recommend[profile] ?? null;
  if (typeof advised === "number") return String(advised);
  return Array.isArray(advised) ? advised.join(" ") : null;
}
