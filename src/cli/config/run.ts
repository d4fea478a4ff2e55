// Shows the words about one setting, a group or all.

import { explainKey, settingExplanations } from "../../config/index.ts";
import { ExitCode } from "../exit-code.ts";
import { printJson, printNote } from "../output.ts";
import { printable } from "../text/foreign.ts";
import { settingListText, settingText } from "./text.ts";

export interface ConfigExplainArguments {
  readonly json?: true;
}

/** Sets the exit code 2 where there is no such setting. */
export function runConfigExplain(key: string | null, { json }: ConfigExplainArguments): void {
  if (key === null) {
    const settings = settingExplanations();
    if (json) printJson({ settings });
    else process.stdout.write(`${settingListText(settings)}\n`);
    return;
  }
  const explained = explainKey(key);
  if (explained.found) {
    const { setting, inside } = explained;
    if (json) printJson({ settings: [setting, ...inside] });
    else process.stdout.write(`${settingText(setting, inside)}\n`);
    return;
  }
  const next =
    explained.near.length === 0
      ? "`sockwarden config explain` lists all"
      : `did you mean: ${explained.near.join(", ")}`;
  printNote(
    `sockwarden: there is no setting, or more than one, by the name ${printable(key).slice(0, 100)}; ${next}`,
  );
  process.exitCode = ExitCode.USAGE;
}
