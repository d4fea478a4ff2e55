// Which version this is: what package.json says.

import { readFileSync } from "node:fs";

export function readVersion(): string {
  // The sources lie two folders below the package, the compiled files three.
  for (const path of ["../../package.json", "../../../package.json"]) {
    try {
      const { name, version } = JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8"));
      if (name === "sockwarden") return String(version);
    } catch {
      // Not there: the other one is.
    }
  }
  return "unknown";
}
