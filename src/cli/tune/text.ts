// The text of `tune`: a plan as a diff with its reasons, and the deeds of apply and rollback. Pure: values in, lines
// out.

import { count } from "../../model/index.ts";
import type { Applied, RolledBack, TunePlan } from "../../tune/index.ts";
import type { Paint } from "../output.ts";
import { printable } from "../text/foreign.ts";
import { hangingText } from "../text/wrap.ts";

const WIDTH = 110;

type PlannedChange = TunePlan["changes"][number];

/** The whole text, without a line break at the end. */
export function planText(plan: TunePlan, paint: Paint): string {
  const blocks = [
    summaryText(plan),
    ...changeBlocks(plan.changes, paint),
    titledBlock("Refused: found on this machine, and never part of a plan", refusedLines(plan, paint), paint),
    titledBlock(
      "These lines have the last word at the next boot or start; change or remove them",
      overrideLines(plan),
      paint,
    ),
    titledBlock(
      plan.connections === 0
        ? "Arithmetic, but for the connections"
        : `What ${count(plan.connections, "connection")} take`,
      arithmeticLines(plan, paint),
      paint,
    ),
    titledBlock("Advice: not written by tune", adviceLines(plan), paint),
  ];
  return blocks.filter((block) => block !== "").join("\n\n");
}

function summaryText({ profile, changes, connections, connectionsFrom, perSecond }: TunePlan): string {
  const what = changes.length === 0 ? "nothing to change" : count(changes.length, "change");
  const held =
    connectionsFrom === "held now" ? ", which are held now (--connections N: the most there may be)" : "";
  const text =
    connectionsFrom === "unknown"
      ? `${what}. Nobody said how many connections there may be (--connections N), so the formulas' floors hold.`
      : `${what}, for ${count(connections, "connection")}${held} and ${count(perSecond, "new one")} per second.`;
  return hangingText(`profile ${profile}: `, text, WIDTH).join("\n");
}

function changeBlocks(changes: readonly PlannedChange[], paint: Paint): string[] {
  return changes.map((change, i) => {
    const { what, live, wanted, why, bites, risk } = change;
    const title = `${paint("bold", printable(what))}  ${paint("red", live ?? "unknown")} -> ${paint("green", wanted)}`;
    // Settings that belong together share one reason, which is shown once.
    const again = i > 0 && changes[i - 1]!.why === why;
    return [
      title,
      ...(again ? [] : labelled("why", why, paint)),
      ...labelled("bites", bites, paint),
      ...labelled("risk", risk, paint),
    ].join("\n");
  });
}

function labelled(label: string, text: string, paint: Paint): string[] {
  return hangingText(`    ${paint("dim", `${label}:`.padEnd(6))} `, printable(text), WIDTH);
}

function titledBlock(title: string, lines: readonly string[], paint: Paint): string {
  return lines.length === 0 ? "" : [paint("bold", title), ...lines].join("\n");
}

function refusedLines({ refused }: TunePlan, paint: Paint): string[] {
  const colour = { dangerous: "red", wrong: "yellow", obsolete: "yellow", "no-op": "dim" } as const;
  return refused.flatMap(({ what, value, where, kind, why }) => [
    `  ${printable(what)} = ${printable(value)}  ${paint(colour[kind], kind)}, ${printable(where)}`,
    ...hangingText("    ", why, WIDTH),
  ]);
}

function overrideLines({ overrides }: TunePlan): string[] {
  return overrides.map(({ what, wanted, value, where }) =>
    printable(`  ${where}  ${what} = ${value}, not ${wanted}`),
  );
}

function arithmeticLines({ arithmetic }: TunePlan, paint: Paint): string[] {
  return arithmetic.flatMap(({ what, formula, numbers, result, meaning }) => [
    `  ${what}: ${paint("bold", result)}`,
    ...hangingText("    = ", formula === numbers ? formula : `${formula} = ${numbers}`, WIDTH),
    ...(meaning === null ? [] : hangingText("    ", meaning, WIDTH)),
  ]);
}

function adviceLines({ advice }: TunePlan): string[] {
  return advice.flatMap(({ what, text }) => [
    `  ${printable(what)}`,
    ...hangingText("    ", printable(text), WIDTH),
  ]);
}

/** Stands under a plan that `apply` has only shown. */
export function dryRunText(plan: TunePlan): string {
  return plan.changes.length === 0
    ? "Nothing was changed."
    : "Nothing was changed: this was a dry run. The same with --yes carries it out; `sockwarden tune rollback` takes it back.";
}

export function appliedText({ files, settings, restart, journal }: Applied, paint: Paint): string {
  const lines = [
    ...settings.map(({ name, before, now }) => `${paint("green", "set")}      ${name}  ${before} -> ${now}`),
    ...files.map((file) => `${paint("green", "written")}  ${file}`),
    "",
    `Read back: ${settings.length} of ${settings.length} settings and ${files.length} of ${files.length} files are as wanted.`,
    `The record of what was before is ${journal}; \`sockwarden tune rollback\` puts it back.`,
  ];
  if (restart.length > 0) {
    lines.push(
      "Still to do, by you, since it ends connections:",
      "  systemctl daemon-reload",
      ...restart.map((unit) => `  systemctl restart ${unit}`),
    );
  }
  return lines.join("\n");
}

export function rolledBackText({ found, restored, left, reload }: RolledBack, paint: Paint): string {
  if (!found) return "Nothing to roll back: no apply is on record.";
  const lines = [
    ...restored.map(({ what, to }) => `${paint("green", "back")}  ${what}  ${to}`),
    ...left.map(
      ({ what, is, before }) =>
        `${paint("yellow", "left")}  ${what}  ${is} (before: ${before}): changed by somebody else since`,
    ),
    `${restored.length} put back${left.length > 0 ? `, ${left.length} left alone` : ""}; the record is gone.`,
  ];
  if (reload) {
    lines.push(
      "Still to do, by you: systemctl daemon-reload; a running service keeps its limit until its restart.",
    );
  }
  return lines.join("\n");
}
