// The options of verbs that find something: the least severity that counts.

import { Option } from "commander";
import { isAtLeast, SEVERITIES, type Severity } from "../model/index.ts";

export function severityOption(flags: string, description: string): Option {
  return new Option(flags, description).choices(SEVERITIES);
}

/** Whether any finding is at least as bad as `least`. */
export function reaches(found: readonly { readonly severity: Severity }[], least: Severity): boolean {
  return found.some(({ severity }) => isAtLeast(severity, least));
}
