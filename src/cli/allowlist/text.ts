// The text of `allowlist`. Pure.

import type { AllowDocument, AllowlistDocument } from "../../client/index.ts";
import { utcText } from "../daemon-verbs/times.ts";
import type { Paint } from "../output.ts";
import { printable } from "../text/foreign.ts";
import { formatTable, left, right } from "../text/table.ts";

/** Without a line break at the end. */
export function allowlistText({ allow }: AllowlistDocument, paint: Paint): string {
  if (allow.length === 0) return "The allowlist is empty: `sockwarden allow SOURCE` exempts a source.";
  const columns = [left("SOURCE"), right("LIMIT"), left("FROM"), left("SINCE"), left("REASON")];
  return formatTable(
    columns,
    allow.map((entry) => row(entry, paint)),
  ).join("\n");
}

function row({ source, connectionsPerSource, from, since, reason }: AllowDocument, paint: Paint): string[] {
  return [
    printable(source),
    connectionsPerSource === null ? "none" : String(connectionsPerSource),
    from === "protected" ? paint("dim", from) : from,
    since === null ? "-" : utcText(since),
    reason === null ? "-" : printable(reason),
  ];
}
