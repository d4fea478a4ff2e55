// Which listening sockets are tracked, and by which policy: the first whose selector they match. Without policies every
// listener found is tracked, by the defaults of its port.

import type { Endpoint, ListenerEndpoint, ListeningProcess } from "../census/index.ts";
import { describeEndpoint, type FoundListeners, type Listener } from "../census/index.ts";
import {
  contains,
  DEFAULT_LIMITS,
  DEFAULT_PRESSURE,
  isTlsPort,
  type ListenerPolicy,
  profileOfPort,
} from "../model/index.ts";

export interface SelectedListener {
  readonly policy: ListenerPolicy;
  readonly endpoints: readonly ListenerEndpoint[];
  readonly processes: readonly ListeningProcess[];
}

export interface SelectedListeners {
  /** Equal for equal endpoints of equal policies. */
  readonly key: string;
  readonly listeners: readonly SelectedListener[];
  /** By endpoint; `listeners.length` for one that nobody selected: its connections are nobody's, not another listener's. */
  readonly listenerOf: readonly number[];
}

/** More single ports than one request to the kernel takes; beyond it all are asked for. */
const PORTS_MAX = 3000;

/** The ports to ask the kernel for: null for all. */
export function portsToAsk(policies: readonly ListenerPolicy[] | null): readonly number[] | null {
  if (policies === null) return null;
  const ports = new Set<number>();
  for (const { selector } of policies) {
    if (selector.ports === null) return null;
    for (const port of selector.ports) ports.add(port);
  }
  return ports.size > PORTS_MAX ? null : [...ports];
}

/** Sorts endpoints under their policies. A policy whose listener is not there has no endpoints. */
export function selectListeners(
  policies: readonly ListenerPolicy[] | null,
  endpoints: readonly Endpoint[],
  found: FoundListeners,
): SelectedListeners {
  return policies === null ? selectAll(endpoints, found) : selectByPolicy(policies, endpoints, found);
}

function selectAll(endpoints: readonly Endpoint[], { key, listeners }: FoundListeners): SelectedListeners {
  const listenerOf = new Array<number>(endpoints.length).fill(listeners.length);
  for (const [number, { members }] of listeners.entries()) for (const i of members) listenerOf[i] = number;
  const selected = listeners.map((listener) => ({
    policy: defaultPolicy(listener),
    endpoints: listener.endpoints,
    processes: listener.processes,
  }));
  return { key, listeners: selected, listenerOf };
}

function selectByPolicy(
  policies: readonly ListenerPolicy[],
  endpoints: readonly Endpoint[],
  { key, listeners, pidsOf }: FoundListeners,
): SelectedListeners {
  const processes = new Map(listeners.flatMap((found) => found.processes.map((p) => [p.pid, p] as const)));
  const ownersOf = (i: number) => pidsOf[i]!.flatMap((pid) => processes.get(pid) ?? []);
  const listenerOf = endpoints.map((endpoint, i) => {
    const number = policies.findIndex(({ selector }) => selects(selector, endpoint, ownersOf(i)));
    return number < 0 ? policies.length : number;
  });
  const selected = policies.map((policy, number) => {
    const members = endpoints.map((_, i) => i).filter((i) => listenerOf[i] === number);
    return {
      policy,
      endpoints: members.map((i) => describeEndpoint(endpoints[i]!)),
      processes: distinct(members.flatMap(ownersOf)),
    };
  });
  return { key: `${key};${listenerOf.join()}`, listeners: selected, listenerOf };
}

/** Whether a selector means this listening socket. Its namespace is the caller's business. */
function selects(
  { ports, process, address }: ListenerPolicy["selector"],
  endpoint: Endpoint,
  owners: readonly ListeningProcess[],
): boolean {
  if (ports !== null && !ports.includes(endpoint.port)) return false;
  if (address !== null && !contains(address, endpoint.address)) return false;
  return process === null || owners.some(({ name }) => name === process.slice(0, COMM_BYTES));
}

/** TASK_COMM_LEN without its end: the kernel knows no longer name of a process. */
const COMM_BYTES = 15;

function distinct(processes: readonly ListeningProcess[]): ListeningProcess[] {
  const byPid = new Map(processes.map((process) => [process.pid, process]));
  return [...byPid.values()].sort((a, b) => a.pid - b.pid);
}

/** What is asked of a listener that nobody has configured. */
export function defaultPolicy({ name, port }: Pick<Listener, "name" | "port">): ListenerPolicy {
  return {
    name,
    selector: { ports: [port], process: null, address: null, netns: null },
    tlsPorts: isTlsPort(port) ? [port] : [],
    profile: profileOfPort(port),
    limits: DEFAULT_LIMITS,
    pressure: DEFAULT_PRESSURE,
    slots: null,
    evictLeaked: false,
  };
}
