// The text of `who --by listener|process|conduct`: one table. Pure: a census in, lines out.

import type { Census } from "../../census/index.ts";
import { conductLabel } from "../../model/index.ts";
import type { Paint } from "../output.ts";
import { occurring } from "../scan-verbs/conduct.ts";
import { conductCell, listenerCell } from "../scan-verbs/text.ts";
import { descriptorCell } from "../text/descriptors.ts";
import { printable } from "../text/foreign.ts";
import { formatTable, left, right } from "../text/table.ts";
import { conductGroups, type Grouping, listenerGroups, processGroups } from "./groups.ts";

export function groupText(by: Exclude<Grouping, "source">, census: Census, paint: Paint): string {
  switch (by) {
    case "listener":
      return listenerTable(census, paint).join("\n");
    case "process":
      return processTable(census, paint).join("\n");
    case "conduct":
      return conductTable(census, paint).join("\n");
  }
}

function listenerTable(census: Census, paint: Paint): string[] {
  const groups = listenerGroups(census);
  const conducts = occurring(groups.map(({ conduct }) => conduct));
  const titles = conducts.map((conduct) => right(conductLabel(conduct).toUpperCase()));
  const rows = groups.map(({ listener, connections, sources, conduct }) => [
    printable(listener),
    String(connections),
    String(sources),
    ...conducts.map((name) => conductCell(name, conduct[name], paint)),
  ]);
  return formatTable([left("LISTENER"), right("CONNECTIONS"), right("SOURCES"), ...titles], rows);
}

function processTable(census: Census, paint: Paint): string[] {
  const rows = processGroups(census).map(({ pid, name, connections, listeners, ...descriptors }) => [
    pid === null ? "(held by no visible process)" : printable(name ?? "?"),
    pid === null ? "-" : String(pid),
    String(connections),
    pid === null ? "-" : descriptorCell(descriptors, paint),
    listenerCell(listeners),
  ]);
  const columns = [
    left("PROCESS"),
    right("PID"),
    right("CONNECTIONS"),
    right("DESCRIPTORS"),
    left("LISTENERS"),
  ];
  return formatTable(columns, rows);
}

function conductTable(census: Census, paint: Paint): string[] {
  const rows = conductGroups(census)
    .filter(({ connections }) => connections > 0)
    .map(({ conduct, connections, listeners }) => [
      conductLabel(conduct),
      conductCell(conduct, connections, paint),
      listenerCell(listeners),
    ]);
  return formatTable([left("CONDUCT"), right("CONNECTIONS"), left("LISTENERS")], rows);
}
