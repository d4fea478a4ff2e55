// Finds contradictions within one listener, between values that are each right alone.

import { formatDuration, type ListenerPolicy } from "../model/index.ts";
import type { KeyPath } from "./problem.ts";
import type { ListenerSettings } from "./schema-listeners.ts";

/** Notes a problem at a path below the listener. */
export type Complain = (path: KeyPath, message: string, accepted: string) => void;

export function checkListener(values: ListenerSettings, policy: ListenerPolicy, complain: Complain): void {
  if (values.ports === undefined && values.process === undefined) {
    complain([], "says neither ports nor process, so it would match every socket", "ports, process or both");
  }
  checkTlsPorts(values, complain);
  checkTimes(values, policy, complain);
  const { tight, critical } = policy.pressure;
  if (tight >= critical) {
    const message = `tight (${tight}) is not below critical (${critical})`;
    complain(["pressure"], message, "tight below critical, such as 0.7 and 0.9");
  }
  const { unprovenPerSource, unprovenPerNetwork } = policy.limits;
  if (unprovenPerNetwork < unprovenPerSource) {
    const message = `${unprovenPerNetwork} is less than unprovenPerSource (${unprovenPerSource}), which could never be reached`;
    complain(["limits", "unprovenPerNetwork"], message, `a whole number from ${unprovenPerSource}`);
  }
}

function checkTlsPorts({ ports, tlsPorts }: ListenerSettings, complain: Complain): void {
  if (ports === undefined) return;
  for (const [i, port] of (tlsPorts ?? []).entries()) {
    if (!ports.includes(port)) {
      complain(["tlsPorts", i], `${port} is none of the ports`, `some of ${ports.join(", ")}`);
    }
  }
}

/** Pairs of times: the first may not be longer than the second. */
const ORDER = [
  ["speakWithin", "silentFor"],
  ["silentFor", "holdFor"],
] as const;

function checkTimes({ limits }: ListenerSettings, { profile }: ListenerPolicy, complain: Complain): void {
  for (const [shorter, longer] of ORDER) {
    const least = profile[`${shorter}Ms`];
    const most = profile[`${longer}Ms`];
    if (least === null || most === null || least <= most) continue;
    // The profile's own times are in order, so the file gives at least one of the two. The problem shows that one.
    const given = limits[`${shorter}Ms`] === undefined ? longer : shorter;
    const says = (name: typeof shorter | typeof longer): string =>
      `${name} (${formatDuration(profile[`${name}Ms`]!)}${limits[`${name}Ms`] === undefined ? `, by the profile ${profile.name}` : ""})`;
    const message = `${says(shorter)} is longer than ${says(longer)}`;
    complain(["limits", given], message, `${shorter} at most as long as ${longer}; set both`);
  }
}
