// sockwarden drill: plays an attack in private namespaces, without and with protection, and shows the two side by side.

import { type Command, Option } from "commander";
import { positiveInteger } from "../argument-parsers.ts";
import type { DrillArguments } from "./run.ts";

const EXAMPLES = `
Examples:
  sockwarden drill                 the story: one source, 200 connections more every 30 s, never a byte
  sockwarden drill --list          every scenario
  sockwarden drill A3 --strict     three sources that talk once and hold, with strict limits per source
  sockwarden drill A1 --json       one object a sample and line, the last {"type":"summary",...}

It plays in network namespaces of its own: nothing outside them is touched, and nothing is left of them. The server is a
Kamailio or mosquitto where one is installed, else an echo server. Time is played ten times faster unless --scale says
otherwise. Needs root, or unprivileged user namespaces.`;

export function registerDrill(program: Command): void {
  program
    .command("drill")
    .summary("play an attack in a private namespace and show what happens")
    .description(
      "Plays an attack against a real server, first without protection, then with it, and judges both from outside: by the sockets, the server's descriptors, and whether honest callers are answered.",
    )
    .argument("[scenario]", "which one: see --list", "A1")
    .option("--list", "show the scenarios")
    .addOption(
      new Option("--only <half>", "play one half alone").choices(["unprotected", "protected"] as const),
    )
    .option("--strict", "protect with the limits of the story: 60 connections and 128 new ones in 10 min")
    .option("--seconds <n>", "how long each half lasts (default: by scenario)", positiveInteger)
    .option("--scale <n>", "how many times faster than real time", positiveInteger, 10)
    .option("--json", "one JSON object a line, the last the summary")
    .addHelpText("after", EXAMPLES)
    .action(async (scenario: string, given: DrillArguments, command: Command) => {
      const { runDrill } = await import("./run.ts");
      await runDrill(scenario, given, command);
    });
}
