// The text of `reload`. Pure.

import type { CheckDocument, StatusDocument } from "../../client/index.ts";
import { printable } from "../text/foreign.ts";

/** Without a line break at the end; `health` names the changes that take a restart. */
export function reloadText({ ok, errors }: CheckDocument, health: StatusDocument["health"] = []): string {
  const restart = health.find(({ code }) => code === "restart-needed");
  if (ok && restart !== undefined)
    return `The new configuration is in force, but not all of it: ${printable(restart.text)}.`;
  if (ok) return "The new configuration is in force.";
  const lines = errors.map(
    ({ file, line, column, key, message, accepted }) =>
      printable(`${file}:${line}:${column}: ${key === "" ? "" : `${key}: `}${message}`) +
      (accepted === "" ? "" : `; accepted: ${printable(accepted)}`),
  );
  return [...lines, "Nothing was changed: the running configuration stays in force."].join("\n");
}
