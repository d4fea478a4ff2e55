// The text of settings for people: all the words about one, a line about each of many.

import { explanationLines, type SettingExplanation } from "../../config/index.ts";
import { wrapText } from "../text/wrap.ts";

const WIDTH = 100;

/** The words of the example file, and for a group a line about each setting in it. */
export function settingText(setting: SettingExplanation, inside: readonly SettingExplanation[]): string {
  const lines = explanationLines(setting).flatMap((line) => {
    const indent = line.startsWith("  ") ? "  " : "";
    return wrapText(line, indent, WIDTH);
  });
  return inside.length === 0 ? lines.join("\n") : `${lines.join("\n")}\n\n${settingListText(inside)}`;
}

/** A line a setting: its key and the first sentence about it. */
export function settingListText(settings: readonly SettingExplanation[]): string {
  const width = Math.max(...settings.map(({ key }) => key.length));
  return settings
    .map(({ key, meaning }) => `${key.padEnd(width)}  ${/^.*?\.(?= [A-Z]|$)/.exec(meaning)?.[0] ?? meaning}`)
    .join("\n");
}
