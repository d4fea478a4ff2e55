// sockwarden config explain: tells a setting's meaning, accepted values, default and danger.

import type { Command } from "commander";
import type { ConfigExplainArguments } from "./run.ts";

const EXAMPLES = `
Examples:
  sockwarden config explain                               all settings, a line each
  sockwarden config explain listeners[].limits.holdFor    one setting
  sockwarden config explain holdFor                       the same: the end of a key is enough where only one key has it
  sockwarden config explain ban                           a group of settings

The same words are in examples/sockwarden.yaml.`;

export function registerConfig(program: Command): void {
  const config = program
    .command("config")
    .summary("what the settings mean")
    .description("Explains the settings of the configuration.")
    .addHelpText("after", EXAMPLES);
  config
    .command("explain")
    .summary("what a setting means")
    .description(
      "Says what a setting means, what is accepted, its default, and what goes wrong with a bad value.",
    )
    .argument("[key]", "the setting, such as listeners[].limits.holdFor (default: all)")
    .option("--json", "one JSON document on stdout")
    .addHelpText("after", EXAMPLES)
    .action(async (key: string | undefined, given: ConfigExplainArguments) => {
      const { runConfigExplain } = await import("./run.ts");
      runConfigExplain(key ?? null, given);
    });
}
