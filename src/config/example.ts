// Makes examples/sockwarden.yaml, the manual of the settings, from their words. The file as it is means the same as no
// file: keys with a fixed default stand there with it, all others are commented out. `#` before a key, without a blank,
// is a setting that is off; `# ` is text.

import { explanationOf, type SettingExplanation } from "./explain.ts";
import type { Reload } from "./setting.ts";
import { allSettings, type DocumentedSetting } from "./walk.ts";

const WIDTH = 110;

const HEADER = `# yaml-language-server: $schema=./sockwarden.schema.json
#
# All settings of Sockwarden: /etc/sockwarden/sockwarden.yaml. As it stands, this file changes nothing: each value is the
# default. Remove the # from a line to use it; a line "# like this" is text.
#
# Files in conf.d/*.yaml beside this one are read as well, in the order of their names: mappings are merged, the lists
# listeners, allow and monitors are appended, and the same key in two files is an error.
#
# sockwarden check                   looks for mistakes and says line and column of each
# sockwarden config explain KEY      prints what this file says of one key
# sockwarden reload                  uses the changed files; if they have a mistake, nothing changes
#
# A reload applies every change, except of settings that say "only a restart applies it".
#
# Durations carry their unit: 500ms, 30s, 10m, 2h, 1h30m, 1d. off switches a limit off where that is accepted.`;

/** The file, with a line feed at its end. */
export function configExample(): string {
  const all = allSettings();
  return `${[HEADER, ...all.map((setting, i) => block(setting, all[i - 1] ?? null))].join("\n\n")}\n`;
}

function block(setting: DocumentedSetting, before: DocumentedSetting | null): string {
  const dash = before?.kind === "list of mappings" && setting.key.startsWith(`${before.key}.`) ? "- " : "";
  const indent = " ".repeat(2 * setting.depth - dash.length);
  const line = keyLine(setting);
  // A commented-out key is its own example, and the head of the file says how most changes come into force.
  const spare = [`  example: ${line}`, `  change: ${CHANGE_WORDS.live}`];
  const lines = explanationLines(explanationOf(setting)).filter((text) => !spare.includes(text));
  const text = lines.flatMap((text) => wrap(text, `${indent}# `));
  return [...text, `${indent}${isOff(setting) ? "#" : ""}${dash}${line}`].join("\n");
}

/** The key with its default, else with its example. */
function keyLine({ name, kind, words }: DocumentedSetting): string {
  if (kind !== "value") return `${name}:`;
  return `${name}: ${"value" in words.default ? words.default.value : words.example}`;
}

/** A default that depends on something has no value to show. Some mappings and lists are off with all their keys. */
function isOff({ key, kind, words }: DocumentedSetting): boolean {
  if (/^(http|listeners|allow|monitors)\b/.test(key)) return true;
  return kind === "value" && !("value" in words.default);
}

const CHANGE_WORDS: Readonly<Record<Reload, string>> = {
  live: "a reload applies it",
  restart: "only a restart applies it",
};

/** The words about a setting, one idea a line. */
export function explanationLines(setting: SettingExplanation): string[] {
  const { key, meaning, unit, accepted, danger } = setting;
  const lines = [`${key}: ${meaning}`];
  if (unit !== null) lines.push(`  unit: ${unit}`);
  if (setting.kind === "value") lines.push(`  accepted: ${accepted}`);
  if (setting.default !== "") lines.push(`  default: ${setting.default}`);
  if (danger !== null) lines.push(`  danger: ${danger}`);
  if (setting.reload !== null) lines.push(`  change: ${CHANGE_WORDS[setting.reload]}`);
  if (setting.example !== null) lines.push(`  example: ${setting.example}`);
  return lines;
}

function wrap(line: string, prefix: string): string[] {
  const hang = /^ */.exec(line)![0];
  const lines: string[] = [];
  let current = "";
  for (const word of line.trim().split(" ")) {
    if (current !== "" && prefix.length + hang.length + current.length + 1 + word.length > WIDTH) {
      lines.push(prefix + hang + current);
      current = `  ${word}`;
    } else current = current === "" ? word : `${current} ${word}`;
  }
  return [...lines, prefix + hang + current];
}
