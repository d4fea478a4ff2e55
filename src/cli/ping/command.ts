// sockwarden ping: tells whether a SIP server serves a client that comes anew.

import { type Command, InvalidArgumentError, Option } from "commander";
import { DURATION_FORM, parseDuration } from "../../model/index.ts";
import type { ProbeMethod } from "../../sip/index.ts";
import { wholeNumber } from "../argument-parsers.ts";
import type { PingArguments } from "./plan.ts";

/** A copy of the room's list, which would load the whole room for every verb and take 50 ms. */
const METHOD_CHOICES: readonly ProbeMethod[] = ["OPTIONS", "REGISTER", "CRLF"];

const EXAMPLES = `
Examples:
  sockwarden ping sip:pbx.example.org                        look up the transport and ask with OPTIONS, until Ctrl-C
  sockwarden ping -c 5 -i 0.5 "sip:pbx.example.org;transport=tcp"
  sockwarden ping --all sips:example.org                     every target and address of the look-up
  sockwarden ping wss://pbx.example.org/sip --ca ca.pem      WebSocket over TLS
  sockwarden ping --method REGISTER --password-file pw sip:alice@example.org
  sockwarden ping --nagios --warning 200ms --critical 1s tls:pbx.example.org

Each probe is a fresh connection, since a server that is out of descriptors goes on serving those it has. The phase in
which a probe fails (lookup, connect, tls, ws, response) names the cause; docs/ping.md lists every outcome.

Up by default: any final response but 408 and 5xx, which are degraded. --expect replaces this.
Exit codes: 0 every answer as expected, 1 lost, degraded or unexpected, 2 wrong usage; with --nagios 0, 1, 2, 3.`;

export function registerPing(program: Command): void {
  program
    .command("ping")
    .summary("is a SIP server there for a client that comes now?")
    .description(
      "Asks a SIP server with OPTIONS or REGISTER, over UDP, TCP, TLS, WS or WSS, and times each phase.",
    )
    .argument(
      "<target>",
      "sip:HOST[:PORT][;transport=udp|tcp|tls|ws|wss], sips:HOST, tls:HOST, ws://HOST/PATH, or HOST",
    )
    .option(
      "-c, --count <n>",
      "stop after so many probes (default: with --nagios 1)",
      wholeNumber(1, 1_000_000_000),
    )
    .option("-i, --interval <time>", "from one probe to the next (default: 1s)", positiveTime)
    .option("-W, --timeout <time>", "deadline of a probe, and of its look-up (default: 5s)", positiveTime)
    .option("--all", "probe every target and address of the look-up, not only the first that answers")
    .addOption(
      new Option("--method <method>", "what to ask with; CRLF is the keep-alive, which proves less")
        .choices(METHOD_CHOICES)
        .default("OPTIONS"),
    )
    .option(
      "--user <name>",
      "answer a challenge as this user; the password comes from --password-file or SOCKWARDEN_PASSWORD",
    )
    .option("--password-file <file>", "file whose first line is the password")
    .option("--expect <codes>", "codes and classes that count as up, such as 200,4xx,!404")
    .addOption(
      new Option("--tls-min <version>", "lowest TLS version")
        .choices(["1.0", "1.1", "1.2", "1.3"])
        .default("1.2"),
    )
    .option("--ca <file>", "trust these authorities (PEM) and no others")
    .option("--cert <file>", "client certificate (PEM)")
    .option("--key <file>", "its key (PEM)")
    .option("--insecure", "go on with a certificate that fails its checks, and say why it fails")
    .option("--cert-warn <days>", "warn of a certificate with fewer days left", wholeNumber(0, 10_000), 21)
    .option("--cert-crit <days>", "critical below so many days, with --nagios", wholeNumber(0, 10_000), 7)
    .option("-4, --ipv4", "IPv4 addresses only")
    .option("-6, --ipv6", "IPv6 addresses only")
    .option("--bind <address>", "come from this local address")
    .option("--keep-binding", "leave what REGISTER registered, for 60 s")
    .option("--rfc-timers", "wait as long as RFC 3261 does, 32 s, unless -W says otherwise")
    .option("--max-forwards <n>", "0 asks the first element alone", wholeNumber(0, 255), 70)
    .option("--warning <time>", "slower answers are degraded (default: 2s)", positiveTime)
    .option("--critical <time>", "slower answers are critical, with --nagios", positiveTime)
    .option("--json", "one JSON object a line, the last the summary")
    .option("--nagios", "one line with performance data, and a plugin's exit codes")
    .option("-q, --quiet", "the summary only")
    .option("-v, --verbose", "look-up, certificate and server of each probe")
    .addHelpText("after", EXAMPLES)
    .action(async (target: string, given: PingArguments, command: Command) => {
      const { runPing } = await import("./run.ts");
      await runPing(target, given, command, program.version() ?? "0");
    });
}

/** A bare number is seconds here, as ping(8) has it; elsewhere durations carry their unit. */
function positiveTime(text: string): number {
  const ms = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : parseDuration(text);
  if (ms === null || ms < 1 || ms > 2_000_000_000)
    throw new InvalidArgumentError(`Accepted are seconds, or ${DURATION_FORM}.`);
  return ms;
}
