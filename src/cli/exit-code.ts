/** What scripts can rely on: done, failed, wrong usage or configuration or Node too old, no daemon to talk to. */
export const ExitCode = { DONE: 0, FAILED: 1, USAGE: 2, NO_DAEMON: 3 } as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];
