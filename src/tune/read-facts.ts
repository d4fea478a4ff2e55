// Reads the machine for a plan: settings, files that set them, memory, services with their limits. Changes nothing.

import path from "node:path";
import type { Census } from "../census/index.ts";
import {
  listPids,
  type MachineRoot,
  readDescriptorLimits,
  readMemory,
  readOpenFiles,
  readPageBytes,
  readProcessName,
  readSockstat,
  readTextIfAllowed,
  readUnit,
} from "../linux/index.ts";
import { holdingCount } from "../model/index.ts";
import {
  bootLines,
  descriptorLimitLines,
  isServiceName,
  JUDGED_KEYS,
  readSysctlFiles,
  readSysctls,
  readUnitFiles,
  SETTING_KEYS,
  sysctlFile,
} from "../settings/index.ts";
import type { ServiceFacts, TuneFacts } from "./facts.ts";
import { TuneError } from "./tune-error.ts";

export interface FactSources {
  readonly root: MachineRoot;
  /** Whether this user may write a file. */
  readonly mayWrite: (file: string) => boolean;
  /** The census of listeners; null where there is nobody to ask, as in a made-up tree. */
  readonly census: Census | null;
  /** A unit to read although it may not listen. */
  readonly service: string | null;
}

/** Throws TuneError for a service that is neither running nor installed. */
export function readTuneFacts(sources: FactSources): TuneFacts {
  const { root, mayWrite, census } = sources;
  const live = readSysctls(root, TUNE_KEYS);
  const memory = readMemory(root);
  return {
    kernel: parseRelease(readTextIfAllowed(`${root.proc}/sys/kernel/osrelease`) ?? ""),
    memoryBytes: memory?.totalBytes ?? null,
    availableBytes: memory?.availableBytes ?? null,
    pageBytes: readPageBytes(root),
    live,
    readOnly: new Set([...live.keys()].filter((name) => isReadOnly(sysctlFile(root, name), mayWrite))),
    lines: bootLines(readSysctlFiles(root)),
    services: readServices(sources),
    listeningPorts: listeningPortsOf(census),
    orphans: readSockstat(root).get("TCP.orphan") ?? null,
    openFiles: readOpenFiles(root)?.used ?? null,
  };
}

/** The last two are in no recommendation; a sum and an advice need them. */
const TUNE_KEYS = new Set([
  ...SETTING_KEYS,
  ...JUDGED_KEYS,
  "net.ipv4.ip_local_reserved_ports",
  "net.ipv4.conf.all.rp_filter",
]);

/** Whether nobody may write it: not even root, whom other files' modes do not stop. */
function isReadOnly(file: string, mayWrite: FactSources["mayWrite"]): boolean {
  return process.getuid?.() === 0 && !mayWrite(file);
}

function parseRelease(text: string): TuneFacts["kernel"] {
  const match = /^(\d+)\.(\d+)/.exec(text);
  // An unknown kernel counts as a current one: missing files show what it lacks.
  return match === null ? { major: 6, minor: 0 } : { major: Number(match[1]), minor: Number(match[2]) };
}

function listeningPortsOf(census: Census | null): number[] {
  const ports = census?.listeners.flatMap(({ endpoints }) => endpoints.map(({ port }) => port)) ?? [];
  return [...new Set(ports)].sort((a, b) => a - b);
}

interface Running {
  readonly pids: Set<number>;
  connections: number | null;
}

function readServices(sources: FactSources): ServiceFacts[] {
  const { root, census, service } = sources;
  const units = new Map<string, Running>();
  for (const { processes, conduct } of census?.listeners ?? []) {
    const served = new Set<string>();
    for (const { pid } of processes) {
      // systemd keeps a descriptor of the sockets that it hands to services.
      if (pid === 1 && processes.length > 1) continue;
      const unit = readUnit(root, pid) ?? readProcessName(root, pid);
      if (unit === null) continue;
      const running = units.get(unit) ?? { pids: new Set(), connections: 0 };
      running.pids.add(pid);
      units.set(unit, running);
      served.add(unit);
    }
    // The listener has one unit, unless systemd holds the socket for several.
    for (const unit of served) units.get(unit)!.connections! += holdingCount(conduct);
  }
  if (service !== null && !units.has(service)) units.set(service, findRunning(root, service));
  return [...units].map(([unit, running]) => readService(sources, unit, running));
}

/** Finds a unit that does not listen, or whose sockets are unknown: its processes tell their control group. */
function findRunning(root: MachineRoot, unit: string): Running {
  return { pids: new Set(listPids(root).filter((pid) => readUnit(root, pid) === unit)), connections: null };
}

function readService(
  { root, service }: FactSources,
  unit: string,
  { pids, connections }: Running,
): ServiceFacts {
  const limits = [...pids].map((pid) => readDescriptorLimits(root, pid)).filter((found) => found !== null);
  const names = [...pids].map((pid) => readProcessName(root, pid)).filter((name) => name !== null);
  const { file, settings } = readUnitFiles(root, unit);
  if (unit === service && pids.size === 0 && file === null) {
    throw new TuneError(
      "unknown-service",
      `no unit ${unit} is running or installed (see: systemctl list-units)`,
    );
  }
  return {
    unit,
    program: names[0] ?? null,
    connections,
    limits: limits.toSorted((a, b) => a.soft - b.soft)[0] ?? null,
    limitLines: descriptorLimitLines(settings),
  };
}

/** `kamailio` and `kamailio.service` are one unit. */
export function unitName(text: string): string {
  const unit = path.extname(text) === ".service" ? text : `${text}.service`;
  if (isServiceName(unit)) return unit;
  throw new TuneError("unknown-service", `${JSON.stringify(text)} is no name of a service`);
}
