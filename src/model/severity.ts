// How bad something is: what a rule, a check or a part of the daemon has to tell.

/** The worst first: it stops the service, it will, or it is worth knowing. */
export const SEVERITIES = ["critical", "warning", "notice"] as const;

export type Severity = (typeof SEVERITIES)[number];

/** Below 0 where the first is worse: sorts the worst first. */
export function compareSeverity(one: Severity, other: Severity): number {
  return SEVERITIES.indexOf(one) - SEVERITIES.indexOf(other);
}

/** Whether `severity` is as bad as `least`, or worse. */
export function isAtLeast(severity: Severity, least: Severity): boolean {
  return compareSeverity(severity, least) <= 0;
}
