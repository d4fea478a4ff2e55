// The text of `reload`. Pure.

import type { CheckDocument } from "../../client/index.ts";
import { printable } from "../text/foreign.ts";

/** Without a line break at the end. */
export function reloadText({ ok, errors }: CheckDocument): string {
  if (ok) return "The new configuration is in force.";
  const lines = errors.map(
    ({ file, line, column, key, message, accepted }) =>
      printable(`${file}:${line}:${column}: ${key === "" ? "" : `${key}: `}${message}`) +
      (accepted === "" ? "" : `; accepted: ${printable(accepted)}`),
  );
  return [...lines, "Nothing was changed: the running configuration stays in force."].join("\n");
}
