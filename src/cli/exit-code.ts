// The program's exit codes, for scripts and for monitoring.

/** For scripts: done, failed, wrong usage or configuration or Node too old, no daemon to talk to. */
export const ExitCode = { DONE: 0, FAILED: 1, USAGE: 2, NO_DAEMON: 3 } as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** For monitoring plugins: https://nagios-plugins.org/doc/guidelines.html */
export const NagiosCode = { OK: 0, WARNING: 1, CRITICAL: 2, UNKNOWN: 3 } as const;
export type NagiosCode = (typeof NagiosCode)[keyof typeof NagiosCode];

/** With --nagios a verb that gets no answer is "unknown". */
export function failureCode(argv: readonly string[], code: ExitCode): ExitCode | NagiosCode {
  return argv.includes("--nagios") ? NagiosCode.UNKNOWN : code;
}
