// The options of all verbs that scan the socket table.

import { type Command, InvalidArgumentError, Option } from "commander";
import type { ScanOptions } from "../../census/index.ts";
import { DEFAULT_SOURCE_PREFIXES, PROFILE_NAMES, type ProfileName } from "../../model/index.ts";
import { durationArgument, wholeNumber } from "../argument-parsers.ts";

/** Without a configuration a connection that never spoke is silent after this, whatever its port. */
const SILENT_FOR_MS = 30_000;

/** Sources that the text of a scan shows unless told otherwise. */
export const TOP_SOURCES = 10;

/** The kernel is asked by port; its filter has room for 3 000 ranges. */
const PORTS_MAX = 1000;

export interface ScanArguments {
  readonly port?: number[];
  readonly netns?: string;
  readonly profile?: ProfileName;
  readonly silentFor?: number;
  readonly stalledFor?: number;
  readonly idleAfter?: number;
  readonly ipv4Prefix: number;
  readonly ipv6Prefix: number;
}

export function addScanOptions(command: Command): Command {
  return command
    .option("-p, --port <port>", "only listeners on this port; may be given several times", collectPorts)
    .option("--netns <name|pid>", "scan another network namespace")
    .addOption(
      new Option("--profile <name>", "judge silence by this protocol, not by the port").choices(
        PROFILE_NAMES,
      ),
    )
    .option(
      "--silent-for <time>",
      "age at which a connection that never spoke is silent (default: 30s)",
      durationArgument,
    )
    .option(
      "--stalled-for <time>",
      "time without progress after which it is stalled (default: 30s)",
      durationArgument,
    )
    .option("--idle-after <time>", "silence after which it is idle (default: by protocol)", durationArgument)
    .option(
      "--ipv4-prefix <bits>",
      "bits of an IPv4 address that make a source",
      wholeNumber(0, 32),
      DEFAULT_SOURCE_PREFIXES.ipv4,
    )
    .option(
      "--ipv6-prefix <bits>",
      "bits of an IPv6 address that make a source",
      wholeNumber(0, 128),
      DEFAULT_SOURCE_PREFIXES.ipv6,
    );
}

export function scanOptions(given: ScanArguments): ScanOptions {
  return {
    ports: given.port ?? null,
    prefixes: { ipv4: given.ipv4Prefix, ipv6: given.ipv6Prefix },
    profile: given.profile ?? null,
    silentForMs: given.silentFor ?? SILENT_FOR_MS,
    stalledForMs: given.stalledFor ?? null,
    normalSilenceMs: given.idleAfter ?? null,
    holders: false,
  };
}

function collectPorts(text: string, previous: number[] = []): number[] {
  const ports = text.split(",").map((part) => {
    const port = Number(part);
    if (!/^\d{1,5}$/.test(part) || port < 1 || port > 65_535) {
      throw new InvalidArgumentError("Accepted are ports from 1 to 65535, several with commas.");
    }
    return port;
  });
  const all = [...previous, ...ports];
  if (all.length > PORTS_MAX) throw new InvalidArgumentError(`Accepted are at most ${PORTS_MAX} ports.`);
  return all;
}
