// How bad what was found is, for checks and diagnoses alike: connections are or will soon be refused, it wants a look
// today, it is worth knowing.

/** Worst first. */
export const SEVERITIES = ["critical", "warning", "notice"] as const;
export type Severity = (typeof SEVERITIES)[number];
