// What the program ends with, for scripts and for monitoring.

/** What scripts can rely on: done, failed, wrong usage or configuration or Node too old, no daemon to talk to. */
export const ExitCode = { DONE: 0, FAILED: 1, USAGE: 2, NO_DAEMON: 3 } as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** What monitoring plugins end with: https://nagios-plugins.org/doc/guidelines.html */
export const NagiosCode = { OK: 0, WARNING: 1, CRITICAL: 2, UNKNOWN: 3 } as const;
export type NagiosCode = (typeof NagiosCode)[keyof typeof NagiosCode];

/** With --nagios whatever keeps a verb from its answer is "unknown". */
export function failureCode(argv: readonly string[], code: ExitCode): ExitCode | NagiosCode {
  return argv.includes("--nagios") ? NagiosCode.UNKNOWN : code;
}
