// A reload: reads the configuration again and puts it in force, part by part. A wrong one leaves the old one in force.
// The schema says which changes need a restart, and the reload tells them.

import type { CheckDocument } from "../api/index.ts";
import {
  type Config,
  type ConfigProblem,
  changedKeys,
  type LoadedConfig,
  restartKeys,
} from "../config/index.ts";
import type { HealthReport } from "./health.ts";

export interface ReloadParts {
  /** Reads the files again. */
  readonly load: () => LoadedConfig;
  /** The configuration of the start: settings that take a restart still have its values. */
  readonly started: Config;
  readonly current: () => Config;
  /** Puts it in force. */
  readonly use: (config: Config) => Promise<void>;
  readonly report: (report: HealthReport) => void;
  /** Tells a line to log and stream. */
  readonly tell: (text: string) => void;
}

/** `by` says who asked, for the log. */
export async function reloadConfiguration(parts: ReloadParts, by: string): Promise<CheckDocument> {
  const loaded = parts.load();
  if (!loaded.ok) return refuseFiles(parts, loaded.errors);
  const changed = changedKeys(parts.current(), loaded.config);
  // Compared with the start: an earlier reload has not changed these settings, either.
  const restart = restartKeys(parts.started, loaded.config);
  await parts.use(loaded.config);
  parts.report({ code: "configuration", severity: "notice", text: null });
  parts.report({
    code: "restart-needed",
    severity: "notice",
    text: restart.length === 0 ? null : `a restart is needed to apply: ${restart.join(", ")}`,
  });
  const what = changed.length === 0 ? "nothing has changed" : `changed: ${changed.join(", ")}`;
  parts.tell(`configuration read again by ${by}; ${what}`);
  return { schema: 1, ok: true, errors: [] };
}

function refuseFiles({ report, tell }: ReloadParts, errors: readonly ConfigProblem[]): CheckDocument {
  const first = firstOf(errors);
  tell(`the configuration is wrong and the old one stays in force: ${first}`);
  report({
    code: "configuration",
    severity: "warning",
    text: `the files are wrong, the old configuration is in force: ${first}`,
  });
  return { schema: 1, ok: false, errors: [...errors] };
}

function firstOf(errors: readonly ConfigProblem[]): string {
  const [first] = errors;
  if (first === undefined) return "it cannot be read";
  const more = errors.length > 1 ? `, and ${errors.length - 1} more` : "";
  return `${first.file}:${first.line}:${first.column}: ${first.key}: ${first.message}${more}`;
}
