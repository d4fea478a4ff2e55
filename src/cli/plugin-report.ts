// The line and exit code of a monitoring plugin: https://nagios-plugins.org/doc/guidelines.html

import { NagiosCode } from "./exit-code.ts";

export interface PluginReport {
  readonly code: NagiosCode;
  /** `SERVICE STATE - text | performance data` */
  readonly line: string;
}

/** The text is safe for a terminal. Its bars become slashes, since a bar begins the performance data. */
export function pluginReport(
  service: string,
  code: NagiosCode,
  { text, performance = "" }: { readonly text: string; readonly performance?: string },
): PluginReport {
  const state = Object.keys(NagiosCode)[code]!;
  const said = `${service} ${state} - ${text}`.replaceAll("|", "/");
  return { code, line: performance === "" ? said : `${said} | ${performance}` };
}
