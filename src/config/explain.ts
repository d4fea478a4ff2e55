// The text of `sockwarden config explain`, in the words of the example file.

import { nearest } from "./near.ts";
import type { Reload } from "./setting.ts";
import { allSettings, type DocumentedSetting } from "./walk.ts";

export interface SettingExplanation {
  /** `listeners[].limits.holdFor`. */
  readonly key: string;
  readonly kind: DocumentedSetting["kind"];
  readonly meaning: string;
  readonly unit: string | null;
  readonly accepted: string;
  /** As it stands in the file, or words for what it depends on; empty for a mapping of settings with their own. */
  readonly default: string;
  readonly danger: string | null;
  /** A reload (`live`) or only a restart puts a change in force. Null for a mapping or list. */
  readonly reload: Reload | null;
  /** A line of the file; null for a mapping or list, since its settings explain it. */
  readonly example: string | null;
}

export type ExplainedKey =
  | {
      readonly found: true;
      readonly setting: SettingExplanation;
      readonly inside: readonly SettingExplanation[];
    }
  | { readonly found: false; readonly near: readonly string[] };

/** All settings in the order of the example file. */
export function settingExplanations(): SettingExplanation[] {
  return allSettings().map(explanationOf);
}

/** A setting by its key, whole or its end alone (`holdFor`, `limits.holdFor`, `listeners[0].limits.holdFor`). */
export function explainKey(asked: string): ExplainedKey {
  const wanted = plainKey(asked);
  const all = settingExplanations();
  const matches = all.filter(({ key }) => plainKey(key) === wanted);
  const ends = matches.length > 0 ? matches : all.filter(({ key }) => plainKey(key).endsWith(`.${wanted}`));
  const [setting] = ends;
  if (setting !== undefined && ends.length === 1) {
    return { found: true, setting, inside: all.filter(({ key }) => key.startsWith(`${setting.key}.`)) };
  }
  return { found: false, near: ends.length > 1 ? ends.map(({ key }) => key) : nearKeys(asked, all) };
}

/** The key without the places in lists. */
function plainKey(key: string): string {
  return key.trim().replace(/\[[^\]]*\]/g, "");
}

const NEAR_MAX = 5;

function nearKeys(asked: string, all: readonly SettingExplanation[]): string[] {
  const last = plainKey(asked).split(".").at(-1)!;
  const near = nearest(
    last,
    all.map(({ key }) => plainKey(key).split(".").at(-1)!),
  );
  return all
    .map(({ key }) => key)
    .filter((key) => {
      const name = plainKey(key).split(".").at(-1)!;
      return name === near || (last.length > 2 && name.toLowerCase().includes(last.toLowerCase()));
    })
    .slice(0, NEAR_MAX);
}

export function explanationOf({ key, name, kind, accepted, words }: DocumentedSetting): SettingExplanation {
  const { meaning, unit, danger, reload, example } = words;
  return {
    key,
    kind,
    meaning,
    unit: unit ?? null,
    accepted,
    default: "value" in words.default ? String(words.default.value) : words.default.words,
    danger: danger ?? null,
    reload,
    example: kind === "value" ? `${name}: ${example}` : null,
  };
}
