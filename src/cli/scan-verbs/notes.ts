// Notes beside a census, on facts that it could not see. Pure.

import type { Census } from "../../census/index.ts";
import { count } from "../../model/index.ts";

/** Tells which facts the census could not see, and what to do about it. */
export function scanNotes(census: Census, ports: readonly number[] | null): string[] {
  const notes: string[] = [];
  const ownerless = census.listeners.filter(({ processes }) => processes.length === 0).length;
  if (ownerless > 0 && census.hiddenProcesses > 0) {
    notes.push(
      `The processes of ${count(ownerless, "listener")} are hidden from this user; run as root to see them.`,
    );
  } else if (ownerless > 0) {
    const listeners = count(ownerless, "listener");
    notes.push(
      `No visible process owns ${listeners}: the kernel does, or a process that this user or this PID namespace cannot see.`,
    );
  }
  for (const port of new Set(ports ?? [])) {
    const found = census.listeners.some(({ endpoints }) =>
      endpoints.some((endpoint) => endpoint.port === port),
    );
    if (!found) notes.push(`Nothing listens on TCP port ${port}.`);
  }
  if (!census.consistent)
    notes.push("The socket table changed too fast to be read in one piece; scan again.");
  const lost = Object.entries(census.losses).filter(([, n]) => n > 0);
  if (lost.length > 0) notes.push(`Left out: ${lost.map(([cause, n]) => `${n} ${cause}`).join(", ")}.`);
  return notes;
}
