// The version of this package, from package.json.

import { readFileSync } from "node:fs";

export function readVersion(): string {
  // The sources lie two folders below the package, the compiled files three.
  for (const path of ["../../package.json", "../../../package.json"]) {
    try {
      const { name, version } = JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8"));
      if (name === "sockwarden") return String(version);
    } catch {
      // This one does not exist; the other one does.
    }
  }
  return "unknown";
}
