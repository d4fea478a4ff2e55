// How bad something is that a rule, a check or a part of the daemon tells.

/** The worst first: it stops the service, it will, or it is worth knowing. */
export const SEVERITIES = ["critical", "warning", "notice"] as const;

export type Severity = (typeof SEVERITIES)[number];

/** Compares two severities, to sort the worst first: below 0 if the first is worse. */
export function compareSeverity(one: Severity, other: Severity): number {
  return SEVERITIES.indexOf(one) - SEVERITIES.indexOf(other);
}

/** Whether `severity` is as bad as `least`, or worse. */
export function isAtLeast(severity: Severity, least: Severity): boolean {
  return compareSeverity(severity, least) <= 0;
}
