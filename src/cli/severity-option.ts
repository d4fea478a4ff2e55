// The options of verbs that find something: how bad it must be.

import { Option } from "commander";
import { isAtLeast, SEVERITIES, type Severity } from "../model/index.ts";

export function severityOption(flags: string, description: string): Option {
  return new Option(flags, description).choices(SEVERITIES);
}

/** Whether anything found is as bad as `least`, or worse. */
export function reaches(found: readonly { readonly severity: Severity }[], least: Severity): boolean {
  return found.some(({ severity }) => isAtLeast(severity, least));
}
