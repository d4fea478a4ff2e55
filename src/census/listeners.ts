// Listeners as people know them: which endpoints belong together and which processes own them.

import {
  findUnits,
  readDescriptorCount,
  readDescriptorLimits,
  readProcessName,
  SocketOwners,
  type SystemRoot,
} from "../linux/index.ts";
import { formatAddress } from "../model/index.ts";
import type { ListenerEndpoint, ListeningProcess } from "./census.ts";
import type { Endpoint } from "./endpoints.ts";

export interface Listener {
  readonly name: string;
  readonly port: number;
  readonly endpoints: readonly ListenerEndpoint[];
  readonly processes: readonly ListeningProcess[];
  /** Indexes of its endpoints in the list that it was found in. */
  readonly members: readonly number[];
}

export interface FoundListeners {
  /** Equal for equal endpoints with equal owners, in the same order. */
  readonly key: string;
  readonly listeners: readonly Listener[];
  /** By endpoint: the processes that hold it, by ascending pid. */
  readonly pidsOf: readonly (readonly number[])[];
  readonly hiddenProcesses: number;
}

/** How long the owners of the same endpoints are believed: a worker that was started since is missed for that long. */
const OWNERS_FOR_MS = 5000;
/** The same where some have none yet: the search for a server that has just been started may have had to wait. */
const NO_OWNERS_FOR_MS = 500;

/** Finds the owners of endpoints; remembers them, because finding out means reading every descriptor of the machine. */
export class ListenerFinder {
  readonly #root: SystemRoot;
  readonly #owners: SocketOwners;
  #known: { readonly key: string; readonly untilMs: number; readonly groups: Groups } | null = null;

  constructor(root: SystemRoot) {
    this.#root = root;
    this.#owners = new SocketOwners(root, () => performance.now());
  }

  /** `nowMs` is a monotonic clock. Endpoints of one owner's name and port are one listener. */
  find(endpoints: readonly Endpoint[], nowMs: number): FoundListeners {
    const key = endpoints.map(({ inode }) => inode).join();
    if (this.#known === null || this.#known.key !== key || nowMs >= this.#known.untilMs) {
      const groups = this.#group(endpoints);
      // Owners that may not be seen are not found by asking more often.
      const missing = groups.hiddenProcesses === 0 && groups.pidsOf.some((pids) => pids.length === 0);
      this.#known = { key, untilMs: nowMs + (missing ? NO_OWNERS_FOR_MS : OWNERS_FOR_MS), groups };
    }
    const { pidsOf, hiddenProcesses, byName } = this.#known.groups;
    const listeners = byName.map(({ name, members, pids }) => ({
      name,
      port: endpoints[members[0]!]!.port,
      endpoints: members.map((i) => describeEndpoint(endpoints[i]!)),
      processes: pids.map((pid) => readListeningProcess(this.#root, pid)),
      members,
    }));
    // A listener's name says which endpoints are its: with the sockets' inodes it makes the key.
    const grouping = listeners.map(({ name, members }) => `${name} ${members.join()}`).join(";");
    return { key: `${key};${grouping}`, listeners, pidsOf, hiddenProcesses };
  }

  #group(endpoints: readonly Endpoint[]): Groups {
    const inodes = new Set(endpoints.map(({ inode }) => inode));
    const { pidsOf, hiddenProcesses } = this.#owners.find(inodes);
    const ownerless = endpoints.filter(
      ({ inode, cgroup }) => pidsOf.get(inode)!.length === 0 && cgroup !== null,
    );
    const units = findUnits(this.#root, new Set(ownerless.map(({ cgroup }) => cgroup!)));
    const groups = new Map<string, { members: number[]; pids: Set<number> }>();
    for (const [i, endpoint] of endpoints.entries()) {
      const pids = pidsOf.get(endpoint.inode)!;
      const owner = this.#ownerName(pids) ?? units.get(endpoint.cgroup ?? -1) ?? "?";
      const name = `${owner}:${endpoint.port}`;
      const group = groups.get(name) ?? { members: [], pids: new Set() };
      group.members.push(i);
      for (const pid of pids) group.pids.add(pid);
      groups.set(name, group);
    }
    const byName = [...groups].map(([name, { members, pids }]) => ({
      name,
      members,
      pids: [...pids].sort((a, b) => a - b),
    }));
    return { byName, pidsOf: endpoints.map(({ inode }) => pidsOf.get(inode)!), hiddenProcesses };
  }

  /** The first process's name; process 1 only when it is alone, since it keeps the sockets that it hands to services. */
  #ownerName(pids: readonly number[]): string | null {
    const pid = pids.find((candidate) => candidate !== 1) ?? pids[0];
    return pid === undefined ? null : readProcessName(this.#root, pid);
  }
}

interface Groups {
  readonly byName: readonly {
    readonly name: string;
    readonly members: readonly number[];
    readonly pids: readonly number[];
  }[];
  readonly pidsOf: readonly (readonly number[])[];
  readonly hiddenProcesses: number;
}

/** An endpoint as people read it. */
export function describeEndpoint(endpoint: Endpoint): ListenerEndpoint {
  return { address: formatAddress(endpoint.address), port: endpoint.port, backlog: endpoint.backlog };
}

/** A process with what it has of descriptors. */
export function readListeningProcess(root: SystemRoot, pid: number): ListeningProcess {
  return {
    pid,
    name: readProcessName(root, pid),
    fdUsed: readDescriptorCount(root, pid),
    fdLimit: readDescriptorLimits(root, pid)?.soft ?? null,
  };
}
