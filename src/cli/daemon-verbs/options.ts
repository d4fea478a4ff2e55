// The options and arguments that all verbs that talk to the daemon have.

import { type Command, InvalidArgumentError } from "commander";
import { formatNetwork, parseNetwork } from "../../model/index.ts";

export interface DaemonArguments {
  readonly socket?: string;
  readonly config?: string;
  readonly json?: true;
}

export const SOURCE_FORM = "an address or network, as 192.0.2.1, 192.0.2.0/24, 2001:db8::/64";

export function addDaemonOptions(command: Command): Command {
  return command
    .option("--socket <path>", "the daemon's socket")
    .option("-c, --config <file>", "the configuration that names the daemon's socket")
    .option("--json", "one JSON document on stdout");
}

/** Stands below the examples of each verb. */
export const DAEMON_HELP = `
The daemon is found by --socket, the socket named in -c, SOCKWARDEN_SOCKET, the one named in SOCKWARDEN_CONFIG, or at its
default place. Exit codes: 0 done, 1 failed, 2 wrong usage, 3 no daemon to talk to.`;

/** For `<source>`: its canonical form. */
export function sourceArgument(text: string): string {
  const network = parseNetwork(text);
  if (network === null) throw new InvalidArgumentError(`Accepted is ${SOURCE_FORM}.`);
  return formatNetwork(network);
}

/** For `<source...>`. */
export function sourceArguments(text: string, previous: readonly string[] = []): string[] {
  return [...previous, sourceArgument(text)];
}
