// Finds the queue and the process of a listener that are nearest to their limits: peers are turned away there first.
// Pure.

import type { ListenerEndpoint, ListeningProcess } from "../../census/index.ts";

/** The accept queue that is nearest to its limit: each socket has its own, and one that is full turns peers away. */
export function fullestQueue(
  endpoints: readonly Pick<ListenerEndpoint, "backlog">[],
): ListenerEndpoint["backlog"] {
  const share = ({ used, limit }: ListenerEndpoint["backlog"]): number => used / Math.max(1, limit);
  const queues = endpoints.map(({ backlog }) => backlog);
  return queues.reduce(
    (fullest, queue) => (share(queue) > share(fullest) ? queue : fullest),
    queues[0] ?? { used: 0, limit: 0 },
  );
}

/** The process that is nearest to its limit: descriptors run out for each process alone. */
export function tightest<P extends Pick<ListeningProcess, "fdUsed" | "fdLimit">>(
  processes: readonly P[],
): P | undefined {
  const use = ({ fdUsed, fdLimit }: P): number =>
    fdUsed === null ? -1 : fdUsed / (fdLimit ?? Number.POSITIVE_INFINITY);
  return processes.reduce<P | undefined>(
    (best, next) => (best === undefined || use(next) > use(best) ? next : best),
    undefined,
  );
}
