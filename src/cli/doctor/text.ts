// The text of `doctor`: failed checks by severity, the worst first, each with the values read and the advice. Pure.

import type { CheckResult, LineVerdict } from "../../doctor/index.ts";
import { count, SEVERITIES, type Severity } from "../../model/index.ts";
import type { Paint } from "../output.ts";
import { SEVERITY_COLOURS } from "../text/colours.ts";
import { printable } from "../text/foreign.ts";
import { hangingText, wrapText } from "../text/wrap.ts";
import { countFailed } from "./document.ts";

const WIDTH = 110;
const LABEL_WIDTH = 8;
const ID_WIDTH_MAX = 30;

export interface DoctorTextOptions {
  /** Whether good checks are listed, too. */
  readonly all: boolean;
  readonly profile: string;
  readonly hidden: readonly string[];
  /** The results of the self-test; empty where there was none. */
  readonly proof: readonly CheckResult[];
}

/** The whole text, without a line break at the end. */
export function doctorText(
  results: readonly CheckResult[],
  options: DoctorTextOptions,
  paint: Paint,
): string {
  const blocks = [sumsText(results, options)];
  for (const severity of SEVERITIES) {
    const failed = [...results, ...options.proof].filter(
      ({ ok, severity: own }) => ok === false && own === severity,
    );
    if (failed.length > 0) blocks.push(...failedBlocks(severity, failed, paint));
  }
  const unknown = results.filter(({ ok }) => ok === null);
  if (unknown.length > 0) blocks.push(plainSection("COULD NOT BE TOLD", unknown, paint));
  const fine = results.filter(({ ok }) => ok === true);
  if (options.all && fine.length > 0) blocks.push(plainSection("OK", fine, paint));
  const proven = options.proof.filter(({ ok }) => ok === true);
  if (proven.length > 0) blocks.push(plainSection("PROVEN ON THIS KERNEL", proven, paint));
  const unproven = options.proof.filter(({ ok }) => ok === null);
  if (unproven.length > 0) blocks.push(plainSection("NOT PROVEN", unproven, paint));
  return blocks.join("\n\n");
}

function sumsText(
  results: readonly CheckResult[],
  { all, profile, hidden, proof }: DoctorTextOptions,
): string {
  const failed = countFailed([...results, ...proof]);
  const found = SEVERITIES.filter((severity) => failed[severity] > 0).map((severity) =>
    severity === "critical" ? `${failed.critical} critical` : count(failed[severity], severity),
  );
  const unknown = results.filter(({ ok }) => ok === null).length;
  const fine = results.filter(({ ok }) => ok === true).length;
  const parts = [found.length === 0 ? "Nothing found" : found.join(", ")];
  parts.push(`${count(fine, "check")} fine${all || fine === 0 ? "" : " (--all shows them)"}`);
  if (unknown > 0) parts.push(`${unknown} could not be told`);
  const lines = wrapText(`${parts.join("; ")}. Profile ${profile}.`, "", WIDTH);
  if (hidden.length > 0) lines.push(...wrapText(`Not seen: ${printable(hidden.join("; "))}.`, "", WIDTH));
  return lines.join("\n");
}

function failedBlocks(severity: Severity, results: readonly CheckResult[], paint: Paint): string[] {
  return results.map((result, i) => {
    const title = i === 0 ? `${paint(SEVERITY_COLOURS[severity], severity.toUpperCase())}\n` : "";
    return title + failedCheckLines(result, paint).join("\n");
  });
}

function failedCheckLines({ id, text, read, advice, fix, source }: CheckResult, paint: Paint): string[] {
  return [
    `  ${paint("bold", printable(id))}`,
    ...wrapText(printable(text), "    ", WIDTH),
    ...labelled("read", read),
    ...(advice === null ? [] : paragraph("do", advice)),
    ...labelled("fix", fix),
    ...paragraph("source", source).map((line) => paint("dim", line)),
  ];
}

/** A line each, unchanged: people search for them or paste them. */
function labelled(label: string, lines: readonly string[]): string[] {
  return lines.map((line, i) => `    ${(i === 0 ? `${label}:` : "").padEnd(LABEL_WIDTH)}${printable(line)}`);
}

function paragraph(label: string, text: string): string[] {
  return hangingText(`    ${`${label}:`.padEnd(LABEL_WIDTH)}`, printable(text), WIDTH);
}

function plainSection(title: string, results: readonly CheckResult[], paint: Paint): string {
  // A few long names must not push all other texts to the right.
  const width = Math.min(ID_WIDTH_MAX, Math.max(...results.map(({ id }) => id.length)));
  const lines = results.flatMap(({ id, text }) =>
    id.length > width
      ? [`  ${printable(id)}`, ...wrapText(printable(text), " ".repeat(4 + width), WIDTH)]
      : hangingText(`  ${printable(id).padEnd(width)}  `, printable(text), WIDTH),
  );
  return [paint("bold", title), ...lines].join("\n");
}

/** The text of `doctor --file`: the file's lines in their order, each with its verdict. */
export function fileText(file: string, verdicts: readonly LineVerdict[], paint: Paint): string {
  const width = Math.max(9, ...verdicts.map(({ verdict }) => (verdict ?? "unknown").length));
  const counts = Map.groupBy(verdicts, ({ verdict }) => verdict ?? "unknown");
  const summary = [...counts].map(([word, lines]) => `${lines.length} ${word}`).join(", ");
  const lines = verdicts.flatMap(({ line, text, verdict, why, advice }) => {
    const word = verdict ?? "unknown";
    const head = `${String(line).padStart(4)}  ${paint(VERDICT_COLOURS[word], word.padEnd(width))}  ${printable(text)}`;
    const rest = printable(advice === "" ? why : `${why} Do: ${advice}.`);
    return [head, ...wrapText(rest, " ".repeat(8 + width), WIDTH)];
  });
  const title = `${printable(file)}: ${summary === "" ? "no line that sets anything" : summary}`;
  return [title, ...(lines.length === 0 ? [] : ["", ...lines])].join("\n");
}

const VERDICT_COLOURS = {
  dangerous: "red",
  wrong: "yellow",
  obsolete: "yellow",
  adjust: "cyan",
  "no-op": "dim",
  keep: "green",
  unknown: "dim",
} as const;
