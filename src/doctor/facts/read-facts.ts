// Reads a machine once, in the calling thread's network namespace.

import { statfsSync } from "node:fs";
import {
  type Counters,
  HOST_MACHINE,
  type MachineRoot,
  probeDestroy,
  probeNetfilter,
  readConntrackStats,
  readDescriptorCount,
  readDescriptorLimits,
  readMemory,
  readNetstat,
  readPageBytes,
  readProcessName,
  readSnmp,
  readSockstat,
  readSoftnetDrops,
  readTextIfAllowed,
  readUnit,
} from "../../linux/index.ts";
import { reasonOf } from "../../model/index.ts";
import { readProgramConfig } from "../../programs/index.ts";
import {
  hasSysctl,
  lastOfEach,
  readLimitsConf,
  readManagerSettings,
  readSysctlFiles,
  readSysctls,
  readUnitFiles,
} from "../../settings/index.ts";
import { type BanFacts, readBanFacts } from "./ban-facts.ts";
import type { CounterSamples, DiskSpace, MachineFacts, Server } from "./machine-facts.ts";
import { readSocketFacts, type SocketFacts } from "./socket-facts.ts";
import { DOCTOR_KEYS } from "./sysctl-keys.ts";

/** The readers that ask the kernel and programs, not files; tests put values in their place. */
export interface FactReaders {
  readonly sockets: () => Promise<SocketFacts>;
  readonly bans: () => BanFacts;
  readonly logSpace: () => DiskSpace | null;
  readonly capabilities: () => MachineFacts["capabilities"];
  readonly wait: (seconds: number) => Promise<void>;
}

export interface ReadOptions {
  readonly root: MachineRoot;
  /** How long to wait between the two readings of the counters; 0 for one reading. */
  readonly seconds: number;
  readonly sources: FactReaders;
}

/** The sources of this very machine. `nowMs` is the wall clock. */
export function hostReaders(nowMs: number): FactReaders {
  return {
    sockets: () => readSocketFacts(nowMs),
    bans: readBanFacts,
    logSpace: () => readDiskSpace("/var/log"),
    capabilities: () => ({
      destroy: probeDestroy(),
      nftables: probeNetfilter("nftables"),
      ipset: probeNetfilter("ipset"),
    }),
    wait: sleep,
  };
}

/** Throws only where our code is broken: a fact that may not be read is in `hidden`, or null. */
export async function readMachineFacts({ root, seconds, sources }: ReadOptions): Promise<MachineFacts> {
  const first = readCounters(root);
  const waited = seconds > 0 ? sources.wait(seconds) : undefined;
  const hidden: string[] = [];
  const sysctlFiles = readSysctlFiles(root);
  const keys = [...sysctlFiles.lines, ...sysctlFiles.unread].map(({ key }) => key);
  const sockets = await attempt(sources.sockets, "the socket table", hidden);
  const servers = readServers(root, sockets, hidden);
  const bans = sources.bans();
  if (bans.kind === "unknown") hidden.push(`the firewall's sets (${bans.reason})`);
  for (const file of sysctlFiles.forbidden) hidden.push(file);
  const facts = {
    kernel: readTextIfAllowed(`${root.proc}/sys/kernel/osrelease`)?.trim() ?? null,
    memoryBytes: readMemory(root)?.totalBytes ?? null,
    pageBytes: readPageBytes(root),
    sysctls: readSysctls(root, new Set([...DOCTOR_KEYS, ...keys])),
    sysctlFiles,
    missingKeys: new Set(keys.filter((key) => !hasSysctl(root, key))),
    limitsLines: readLimitsConf(root),
    managerSettings: readManagerSettings(root),
    servers,
    sockets,
    sockstat: readSockstat(root),
    bans,
    logSpace: sources.logSpace(),
    capabilities: sources.capabilities(),
    hidden,
  };
  await waited;
  const counters: CounterSamples = { first, second: seconds > 0 ? readCounters(root) : first, seconds };
  return { ...facts, counters };
}

/** The host's facts in the calling thread's namespace. */
export function readHostFacts(seconds: number, nowMs: number): Promise<MachineFacts> {
  return readMachineFacts({ root: HOST_MACHINE, seconds, sources: hostReaders(nowMs) });
}

function readCounters(root: MachineRoot): Counters {
  const counters = new Map([...readSnmp(root), ...readNetstat(root), ...readConntrackStats(root)]);
  const drops = readSoftnetDrops(root);
  if (drops !== null) counters.set("Softnet.drops", drops);
  return counters;
}

function readServers(root: MachineRoot, sockets: SocketFacts | null, hidden: string[]): Server[] {
  const portsOf = new Map<number, Set<number>>();
  for (const { pids, ports } of sockets?.listeners ?? []) {
    for (const pid of pids) portsOf.set(pid, new Set([...(portsOf.get(pid) ?? []), ...ports]));
  }
  const nobody = (sockets?.listeners ?? []).filter(({ pids }) => pids.length === 0).length;
  if (nobody > 0) hidden.push(`the processes of ${nobody} of ${sockets!.listeners.length} listeners`);
  return [...portsOf].map(([pid, ports]) => readServer(root, pid, [...ports]));
}

function readServer(root: MachineRoot, pid: number, ports: readonly number[]): Server {
  const unit = readUnit(root, pid);
  const name = readProcessName(root, pid) ?? "?";
  return {
    pid,
    name,
    ports,
    unit,
    unitSettings: unit === null ? [] : lastOfEach(readUnitFiles(root, unit).settings),
    fdUsed: readDescriptorCount(root, pid),
    limits: readDescriptorLimits(root, pid),
    config: readProgramConfig(root, { pid, name }),
  };
}

function readDiskSpace(path: string): DiskSpace | null {
  try {
    const { bsize, bavail, blocks } = statfsSync(path);
    return { path, freeBytes: bsize * bavail, totalBytes: bsize * blocks };
  } catch {
    return null;
  }
}

async function attempt<T>(read: () => Promise<T>, what: string, hidden: string[]): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    hidden.push(`${what} (${reasonOf(error)})`);
    return null;
  }
}

function sleep(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1000 * seconds));
}
