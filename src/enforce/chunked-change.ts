// Changes many bans at once, so that one bad ban does not lose the others. Bans are grouped by kernel set and given to
// the kernel in chunks. A refused chunk is halved and tried again, down to the single ban.

import { Errno } from "../linux/index.ts";
import { type BanKey, formatNetwork } from "../model/index.ts";
import type { Changed, FailedBan } from "./backend.ts";
import { BackendError, denied } from "./backend-error.ts";
import { type BanSetId, banSetName, banSetOf } from "./ban-set.ts";

/** The most elements of one message, since an attribute's length has 16 bits. */
const CHUNK_MAX = 500;

/** The kernel's answer: 0, or an errno with its text. */
export interface KernelAnswer {
  readonly errno: number;
  readonly text: string;
}

/** Errnos that mean something else than the failure of one ban. */
export interface Meanings {
  /** For a single ban: it already is as asked for. */
  readonly done?: number;
  /** The set itself is missing, so trying again is in vain. */
  readonly hopeless?: number;
}

/** Gives the bans of each set to `change`, chunk by chunk. Throws if the right to change anything is missing. */
export function changeInChunks<B extends BanKey>(
  operation: string,
  bans: readonly B[],
  change: (set: BanSetId, bans: readonly B[]) => KernelAnswer,
  { done, hopeless }: Meanings = {},
): Changed {
  const failed: FailedBan[] = [];
  const attempt = (set: BanSetId, some: readonly B[]): void => {
    const { errno, text } = change(set, some);
    if (errno === 0) return;
    if (errno === Errno.EPERM) throw denied(operation, text);
    if (some.length === 1 && errno === done) return;
    if (some.length === 1 || errno === hopeless) {
      for (const ban of some) failed.push(refusedBan(operation, ban, text));
      return;
    }
    const half = Math.ceil(some.length / 2);
    attempt(set, some.slice(0, half));
    attempt(set, some.slice(half));
  };
  for (const { set, members } of bySet(bans)) {
    for (let from = 0; from < members.length; from += CHUNK_MAX) {
      attempt(set, members.slice(from, from + CHUNK_MAX));
    }
  }
  return { done: bans.length - failed.length, failed };
}

export function refusedBan(operation: string, ban: BanKey, text: string): FailedBan {
  const error = new BackendError("refused", operation, `${formatNetwork(ban.source)}: ${text}`);
  return { ban, error };
}

function bySet<B extends BanKey>(bans: readonly B[]): Iterable<{ set: BanSetId; members: B[] }> {
  const groups = new Map<string, { set: BanSetId; members: B[] }>();
  for (const ban of bans) {
    const set = banSetOf(ban);
    const name = banSetName(set);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, { set, members: [ban] });
    else group.members.push(ban);
  }
  return groups.values();
}

/** Separates bans that a backend can hold from those that it cannot: bans of everybody, or of an unknown listener. */
export function sortOut<B extends BanKey>(
  operation: string,
  bans: readonly B[],
  listeners: { has(name: string): boolean },
): { readonly fit: readonly B[]; readonly failed: readonly FailedBan[] } {
  const failed: FailedBan[] = [];
  const fit = bans.filter((ban) => {
    const fault = faultOf(ban, listeners);
    if (fault !== null) failed.push(refusedBan(operation, ban, fault));
    return fault === null;
  });
  return { fit, failed };
}

function faultOf({ source, listener }: BanKey, listeners: { has(name: string): boolean }): string | null {
  if (banSetOf({ source, listener, kind: "ban" }).length === 0) {
    return "that is everybody: close the port instead";
  }
  return listener !== null && !listeners.has(listener) ? `no listener named ${listener} is guarded` : null;
}
