// What to do about a hoard, as commands that can be run as they stand: scoped to the listener's port, and undone by one.

import { COMMAND_MARK } from "../finding.ts";
import type { SourceObservation } from "../observation.ts";
import { inHonestUse } from "../shown.ts";
import type { SourceSuspicion } from "../suspects.ts";
import type { CommonNetwork } from "./common-network.ts";

/** Up to so many sources are dealt with one by one. */
const BY_HAND_MAX = 3;

const FIRST_MESSAGE_TIMEOUT =
  "Let the server end what does not behave as its clients do: a timeout for the first message or the login (Kamailio 5.7.3 or later: tcp_msg_data_timeout), and a shorter lifetime for connections that are not registered.";

export function singleSourceAdvice(source: SourceObservation, port: number): string[] {
  if (inHonestUse(source.accepted) > 0) {
    return [
      `Do not ban ${source.source}: honest clients share it. ${FIRST_MESSAGE_TIMEOUT}`,
      "When there is no other way, free all that the address holds; its honest clients will have to connect again:",
      killCommand(source.source, port),
    ];
  }
  return [
    "Keep it out first, then free what it holds; the other way round it is back within seconds, and a firewall rule alone frees nothing:",
    ...keepOutAndFree([source.source], port),
    "Raising the limit buys time only: the hoard grows into it.",
  ];
}

/** `suspicions` has the largest source first. */
export function distributedAdvice(
  suspicions: readonly SourceSuspicion[],
  network: CommonNetwork | null,
  port: number,
): string[] {
  const sources = suspicions.map(({ source }) => source);
  if (sources.length <= BY_HAND_MAX && sources.every(({ accepted }) => inHonestUse(accepted) === 0)) {
    const names = sources.map(({ source }) => source);
    return [
      "Keep them out first, then free what they hold:",
      ...keepOutAndFree(names, port),
      FIRST_MESSAGE_TIMEOUT,
    ];
  }
  if (network !== null && network.inHonestUse === 0) {
    return [
      `Nobody else in ${network.name} is connected. Keep it out first, then free what it holds:`,
      ...keepOutAndFree([network.name], port),
      FIRST_MESSAGE_TIMEOUT,
    ];
  }
  return [
    `A limit per address would have to be below ${suspicions[0]!.total} to notice the largest. ${FIRST_MESSAGE_TIMEOUT}`,
    "Free the largest by hand, and so on:",
    killCommand(sources[0]!.source, port),
  ];
}

/** A table of its own, so that one command removes it again. */
function keepOutAndFree(sources: readonly string[], port: number): string[] {
  const rules = sources.map((source) => {
    const family = source.includes(":") ? "ip6" : "ip";
    return `add rule inet hoarder in ${family} saddr ${source} tcp dport ${port} drop`;
  });
  const chain =
    "add table inet hoarder; add chain inet hoarder in { type filter hook prerouting priority raw; }";
  return [
    `${COMMAND_MARK}nft '${[chain, ...rules].join("; ")}'`,
    ...sources.map((source) => killCommand(source, port)),
    "Later, to let them in again:",
    `${COMMAND_MARK}nft delete table inet hoarder`,
  ];
}

/** Destroys sockets of one source to one port; needs root and a kernel with CONFIG_INET_DIAG_DESTROY. */
function killCommand(source: string, port: number): string {
  // ss takes what follows an address's last colon for a port, unless all of it is in brackets, prefix length included.
  return `${COMMAND_MARK}ss -K dst ${source.includes(":") ? `[${source}]` : source} sport = :${port}`;
}
