// The text of `explain`: reads like an answer to "what about this address?". Pure.

import type { AllowDocument, BanDocument, ExplainDocument } from "../../client/index.ts";
import { count, PROOFS, type Proof, type ProofCounts } from "../../model/index.ts";
import type { Mode } from "../daemon-verbs/done-text.ts";
import { ago, ahead, utcText } from "../daemon-verbs/times.ts";
import type { Paint } from "../output.ts";
import { printable } from "../text/foreign.ts";
import { wrapText } from "../text/wrap.ts";

const WIDTH = 100;

/** Without a line break at the end. */
export function explainText(
  document: ExplainDocument,
  now: number,
  paint: Paint,
  mode: Mode = "enforce",
): string {
  const { ban, allow, matches, standing } = document;
  const blocks = [
    heldLines(document, paint),
    ban === undefined ? "It is not banned." : banLines(ban, now, paint, mode),
    allow === undefined ? "It is not on the allowlist." : allowLines(allow),
    standing.length === 0 ? "It has not been seen before." : standingLines(standing, now),
    matches.length === 0 ? "No rule has anything against it." : ruleLines(matches, paint),
  ];
  return blocks.map((block) => (typeof block === "string" ? block : block.join("\n"))).join("\n\n");
}

function heldLines({ source, connections }: ExplainDocument, paint: Paint): string[] {
  const name = paint("bold", printable(source));
  const all = connections.reduce((sum, one) => sum + one.connections, 0);
  if (all === 0) return [`${name} holds no connection to a guarded listener.`];
  return [
    `${name} holds ${count(all, "connection")}:`,
    ...connections.map(
      ({ listener, connections: held, proofs }) =>
        `  ${held} to ${printable(listener)}: ${proofWords(proofs)}`,
    ),
  ];
}

const PROOF_WORDS: Readonly<Record<Proof, string>> = {
  shut: "that take no data",
  unanswered: "that answer nothing",
  silent: "silent",
  mute: "silent so far",
  pingsHeld: "nothing but keep-alives for too long",
  onceHeld: "spoke once, too long ago",
  pings: "nothing but keep-alives so far",
  once: "spoke once so far",
  fresh: "fresh",
  kept: "spoke once and kept alive",
  faded: "of unknown history, quiet for long",
  unknown: "of unknown history",
  lapsed: "quiet for long",
  proven: "proven",
  leaked: "closed by the peer, not by the program",
  abandoned: "closed by the peer before it was accepted",
};

/** `3 silent, 2 proven` */
function proofWords(proofs: ProofCounts): string {
  return PROOFS.filter((proof) => proofs[proof] > 0)
    .map((proof) => `${proofs[proof]} ${PROOF_WORDS[proof]}`)
    .join(", ");
}

function banLines(
  { kind, listener, since, until, rule, reason, evicted, packets }: BanDocument,
  now: number,
  paint: Paint,
  mode: Mode,
): string[] {
  const observed = mode === "observe" ? " Mode observe: in truth nothing is refused." : "";
  const is = mode === "observe" ? "would be" : "is";
  const verb = kind === "ban" ? paint("red", "banned") : paint("yellow", "capped");
  const where = listener === null ? "every guarded listener" : printable(listener);
  const effect =
    kind === "ban" ? "all its packets are dropped" : "new connections are refused, those it holds live on";
  const counted = packets === null ? "" : `, ${count(packets, "packet")} refused`;
  return [
    `It ${is} ${verb} on ${where} since ${utcText(since)} (${ago(since, now)}), until ${utcText(until)} (${ahead(until, now)}):`,
    ...wrapText(`${effect}. ${count(evicted, "connection")} evicted${counted}.${observed}`, "  ", WIDTH),
    ...wrapText(printable(`Rule ${rule}${reason === "" ? "." : `: ${reason}`}`), "  ", WIDTH),
  ];
}

function allowLines({ connectionsPerSource, from, reason, since }: AllowDocument): string[] {
  const limit =
    connectionsPerSource === null
      ? "never banned, never evicted"
      : `up to ${count(connectionsPerSource, "connection")} of its own`;
  const by = {
    configuration: "by the configuration",
    operator: "by an operator",
    protected: "by Sockwarden itself",
  };
  const when = since === null ? "" : ` since ${utcText(since)}`;
  const why = reason === null ? "" : ` (${printable(reason)})`;
  return wrapText(`It is on the allowlist, put there ${by[from]}${when}${why}: ${limit}.`, "", WIDTH);
}

function standingLines(standing: ExplainDocument["standing"], now: number): string[] {
  return [
    "It is remembered:",
    ...standing.flatMap(({ listener, expected, firstSeen, lastSeen }) =>
      wrapText(
        `on ${printable(listener)}, up to ${count(Math.round(expected), "connection")} are expected of it; first seen ${utcText(firstSeen)} (${ago(firstSeen, now)}), last ${utcText(lastSeen)} (${ago(lastSeen, now)}).`,
        "  ",
        WIDTH,
      ),
    ),
  ];
}

function ruleLines(matches: ExplainDocument["matches"], paint: Paint): string[] {
  return [
    "What the rules say:",
    ...matches.flatMap(({ rule, would, because }) => [
      `  ${paint("bold", printable(rule))} would ${printable(would)}`,
      ...wrapText(printable(`because ${because}`), "    ", WIDTH),
    ]),
  ];
}
