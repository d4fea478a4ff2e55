// The words of several checks about the descriptors of a process.

import { ownDropInPath } from "../../settings/index.ts";
import type { Server } from "../facts/machine-facts.ts";

/** What people call a process. */
export const processText = ({ name, pid }: Pick<Server, "name" | "pid">): string => `${name} (pid ${pid})`;

/** The drop-in that gives a service descriptors, ready to paste. */
export function dropInFix(unit: string | null, descriptors: number): string[] {
  const name = unit ?? "NAME.service";
  return [
    `${ownDropInPath(name)}:`,
    "[Service]",
    `LimitNOFILE=${descriptors}`,
    `then: systemctl daemon-reload && systemctl restart ${name}`,
  ];
}
