// The table in docs/doctor.md is the code's own list of checks.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { DOCTOR_CHECKS } from "./checks.ts";

const url = new URL("../../docs/doctor.md", import.meta.url);
const BETWEEN = /(<!-- checks -->\n)[\s\S]*(<!-- \/checks -->)/;

test("docs/doctor.md lists every check, with its severity and what it is about", () => {
  const written = readFileSync(url, "utf8");
  assert.match(written, BETWEEN);
  const listed = written.replace(BETWEEN, (_, begin: string, end: string) => `${begin}${list()}${end}`);
  if (process.env["SOCKWARDEN_GOLDEN"] === "write") writeFileSync(url, listed);
  assert.equal(readFileSync(url, "utf8"), listed, "npm run golden rewrites it");
});

function list(): string {
  const [values, others] = [
    DOCTOR_CHECKS.filter(({ id }) => id.includes(".")),
    DOCTOR_CHECKS.filter(({ id }) => !id.includes(".")),
  ];
  const names = values.map(({ id }) => `\`${id}\``).join(", ");
  const rows = others.map(({ id, severity, about }) => [id, severity, about]);
  return [
    "",
    ...table([["id", "when it fails", "looks for"], ...rows]),
    "",
    `And one check for the value of each of these ${values.length} settings, as bad as the value is: ${names}.`,
    "",
    "",
  ].join("\n");
}

/** With columns of one width, as the formatter wants it. */
function table([head = [], ...rows]: readonly (readonly string[])[]): string[] {
  const widths = head.map((_, i) => Math.max(...[head, ...rows].map((row) => row[i]!.length)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, i) => cell.padEnd(widths[i]!)).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)];
}
