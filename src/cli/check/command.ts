// sockwarden check: tests the configuration, and shows every mistake with its line and column.

import type { Command } from "commander";
import type { ConfigurationArguments } from "../configuration/test-configuration.ts";

const EXAMPLES = `
Examples:
  sockwarden check                        the configuration in the default place
  sockwarden check ./sockwarden.yaml      another file, with the conf.d beside it
  sockwarden check --json

Exit codes: 0 the configuration can be used, 2 it cannot.
The file is FILE or that of -c, else that of SOCKWARDEN_CONFIG, else /etc/sockwarden/sockwarden.yaml (without root
$XDG_CONFIG_HOME/sockwarden/sockwarden.yaml), each time with conf.d/*.yaml beside it.`;

export function registerCheck(program: Command): void {
  const command = program
    .command("check")
    .argument("[file]", "the configuration's main file")
    .summary("look for mistakes in the configuration")
    .description(
      "Reads the configuration as the daemon does. Shows every mistake, or, where there is none, a summary.",
    )
    .option("-c, --config <file>", "the same, as other verbs take it")
    .option("--json", "one JSON document on stdout")
    .addHelpText("after", EXAMPLES)
    .action(async (file: string | undefined, given: ConfigurationArguments) => {
      if (file !== undefined && given.config !== undefined)
        command.error("error: name one file, by itself or with -c");
      const { testConfiguration } = await import("../configuration/test-configuration.ts");
      testConfiguration(file === undefined ? given : { ...given, config: file });
    });
}
