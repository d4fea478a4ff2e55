// Many bans at once, one bad one among them: bans are grouped by kernel set and given to the kernel in chunks; a chunk
// that it refuses is tried again one by one, so that no ban loses the others.

import { formatNetwork } from "../model/index.ts";
import type { Changed, FailedBan } from "./backend.ts";
import { BackendError, denied } from "./backend-error.ts";
import { type BanKey, type BanSet, banSetName, banSetOf } from "./ban-set.ts";

/** Elements of one message: an attribute's length has 16 bits. */
const CHUNK_MAX = 500;

const EPERM = 1;

/** How the kernel took it: 0, or an errno with its text. */
export interface Answer {
  readonly errno: number;
  readonly text: string;
}

/** Gives every chunk to `change`; `isDone` says which errnos of a single element are no failure. */
export function changeInChunks<B extends BanKey>(
  operation: string,
  bans: readonly B[],
  change: (set: BanSet, bans: readonly B[]) => Answer,
  isDone: (errno: number) => boolean,
): Changed {
  const failed: FailedBan[] = [];
  const one = (set: BanSet, ban: B): void => {
    const { errno, text } = change(set, [ban]);
    if (errno === EPERM) throw denied(operation, text);
    if (errno !== 0 && !isDone(errno)) failed.push(failure(operation, ban, text));
  };
  for (const { set, members } of bySet(bans)) {
    for (let from = 0; from < members.length; from += CHUNK_MAX) {
      const chunk = members.slice(from, from + CHUNK_MAX);
      if (chunk.length === 1) one(set, chunk[0]!);
      else if (change(set, chunk).errno !== 0) for (const ban of chunk) one(set, ban);
    }
  }
  return { done: bans.length - failed.length, failed };
}

export function failure(operation: string, ban: BanKey, text: string): FailedBan {
  const error = new BackendError("refused", operation, `${formatNetwork(ban.source)}: ${text}`);
  return { ban, error };
}

function bySet<B extends BanKey>(bans: readonly B[]): Iterable<{ set: BanSet; members: B[] }> {
  const groups = new Map<string, { set: BanSet; members: B[] }>();
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
    if (fault !== null) failed.push(failure(operation, ban, fault));
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
