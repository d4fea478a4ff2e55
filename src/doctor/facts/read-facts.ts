// Reads a machine once, in the calling thread's network namespace.

import { readFileSync, statfsSync } from "node:fs";
import {
  type Counters,
  HOST_MACHINE,
  type MachineRoot,
  probeDestroy,
  probeNetfilter,
  readConntrackStats,
  readDescriptorCount,
  readDescriptorLimits,
  readNetstat,
  readProcessName,
  readSnmp,
  readSockstat,
  readSoftnetDrops,
  readTextIfAllowed,
  readUnit,
  shownPath,
} from "../../linux/index.ts";
import { readProgramConfig } from "../../programs/index.ts";
import {
  hasSysctl,
  listConfFiles,
  parseLimitsLines,
  readManagerSettings,
  readSysctlFiles,
  readSysctls,
  readUnitSettings,
} from "../../settings/index.ts";
import { type BanFacts, readBanFacts } from "./ban-facts.ts";
import type { CounterSamples, DiskSpace, MachineFacts, Server } from "./machine-facts.ts";
import { readSocketFacts, type SocketFacts } from "./socket-facts.ts";
import { SYSCTL_KEYS } from "./sysctl-keys.ts";

/** What is asked of the kernel and of programs, not of files; tests put values in its place. */
export interface Sources {
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
  readonly sources: Sources;
}

/** The sources of this very machine. `nowMs` is the wall clock. */
export function hostSources(nowMs: number): Sources {
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

/** Throws nothing but what is broken: whatever may not be read is in `hidden`, or null. */
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
    memoryBytes: readMemory(root),
    pageBytes: readPageSize(root),
    sysctls: readSysctls(root, new Set([...SYSCTL_KEYS, ...keys])),
    sysctlFiles,
    missingKeys: new Set(keys.filter((key) => !hasSysctl(root, key))),
    limitsLines: readLimits(root),
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
  return readMachineFacts({ root: HOST_MACHINE, seconds, sources: hostSources(nowMs) });
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
    unitSettings: unit === null ? [] : readUnitSettings(root, unit),
    fdUsed: readDescriptorCount(root, pid),
    limits: readDescriptorLimits(root, pid),
    config: readProgramConfig(root, { pid, name }),
  };
}

function readLimits(root: MachineRoot): MachineFacts["limitsLines"] {
  // pam_limits reads limits.conf first and then the folder (limits.conf(5)).
  const files = [`${root.etc}/security/limits.conf`, ...listConfFiles([`${root.etc}/security/limits.d`])];
  return files.flatMap((file) => parseLimitsLines(readTextIfAllowed(file) ?? "", shownPath(root, file)));
}

function readMemory(root: MachineRoot): number | null {
  const match = /^MemTotal:\s+(\d+) kB/m.exec(readTextIfAllowed(`${root.proc}/meminfo`) ?? "");
  return match === null ? null : 1024 * Number(match[1]);
}

/** AT_PAGESZ of the auxiliary vector: pairs of machine words, key and value (getauxval(3)). */
function readPageSize(root: MachineRoot): number {
  const AT_PAGESZ = 6n;
  try {
    const vector = readFileSync(`${root.proc}/self/auxv`);
    for (let at = 0; at + 16 <= vector.length; at += 16) {
      if (vector.readBigUInt64LE(at) === AT_PAGESZ) return Number(vector.readBigUInt64LE(at + 8));
    }
  } catch {
    // No such file in a made-up tree; most machines have this size.
  }
  return 4096;
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
    hidden.push(`${what} (${error instanceof Error ? error.message : error})`);
    return null;
  }
}

function sleep(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1000 * seconds));
}
