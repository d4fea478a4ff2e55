// Many bans at once, one bad one among them: bans are grouped by kernel set and given to the kernel in chunks; a chunk
// that it refuses is halved and tried again, down to the single ban, so that no ban loses the others.

import { Errno } from "../linux/index.ts";
import { type BanKey, formatNetwork } from "../model/index.ts";
import type { Changed, FailedBan } from "./backend.ts";
import { BackendError, denied } from "./backend-error.ts";
import { type BanSetId, banSetName, banSetOf } from "./ban-set.ts";

/** Elements of one message: an attribute's length has 16 bits. */
const CHUNK_MAX = 500;

/** How the kernel took it: 0, or an errno with its text. */
export interface KernelAnswer {
  readonly errno: number;
  readonly text: string;
}

/** What an errno means beside a failure of one ban. */
export interface Meanings {
  /** Of a single ban: that it is as it was asked for. */
  readonly done?: number;
  /** That the set itself is not there, so that trying again is in vain. */
  readonly hopeless?: number;
}

/** Gives the bans of each set to `change`, chunk by chunk. Throws where the right to change anything is missing. */
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

/** The bans that a backend can hold, and those that it cannot: of everybody, or of a listener that is none. */
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
