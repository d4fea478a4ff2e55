// Reads the machine for a plan: settings, files that set them, memory, services with their limits. Changes nothing.

import { readdirSync, realpathSync } from "node:fs";
import path from "node:path";
import type { Census } from "../census/index.ts";
import {
  isAbsentOrForbidden,
  readDescriptorLimits,
  readProcessName,
  readSockstat,
  readTextIfAllowed,
  readUnit,
  type SystemRoot,
} from "../linux/index.ts";
import { holdingCount } from "../model/index.ts";
import { normalValue, SETTINGS, sysctlPath } from "../settings/index.ts";
import { JUDGED } from "./danger.ts";
import type { LimitLine, ServiceFacts, TuneFacts } from "./facts.ts";
import { isServiceName, parseLimitLines } from "./limits.ts";
import { linesInBootOrder, SYSCTL_FOLDERS, type SysctlFile } from "./sysctl-files.ts";
import type { TreeReader } from "./tree.ts";
import { TuneError } from "./tune-error.ts";

export interface FactSources {
  readonly system: SystemRoot;
  /** Put before the paths of /etc, /run and /usr; empty for this machine's own. */
  readonly root: string;
  readonly tree: Pick<TreeReader, "mayWrite">;
  /** Who listens; null where there is nobody to ask, as in a made-up tree. */
  readonly census: Census | null;
  /** A unit to read although it may not listen. */
  readonly service: string | null;
}

/** Throws TuneError for a service that is neither running nor installed. */
export function readTuneFacts(sources: FactSources): TuneFacts {
  const { system, root, tree, census } = sources;
  const live = readSettings(system);
  const memory = readTextIfAllowed(`${system.proc}/meminfo`) ?? "";
  return {
    kernel: parseRelease(readTextIfAllowed(`${system.proc}/sys/kernel/osrelease`) ?? ""),
    memoryBytes: kibibytes(memory, "MemTotal"),
    availableBytes: kibibytes(memory, "MemAvailable"),
    pageBytes: readPageBytes(system),
    live,
    readOnly: new Set([...live.keys()].filter((name) => isReadOnly(settingFile(system, name), tree))),
    lines: linesInBootOrder(readSysctlFiles(root)),
    services: readServices(sources),
    listeningPorts: portsOf(census),
    orphans: readSockstat(system).get("TCP.orphan") ?? null,
    openFiles: firstNumber(readTextIfAllowed(`${system.proc}/sys/fs/file-nr`)),
  };
}

/** What no recommendation names: read for a sum or a judgement. */
const MORE_SETTINGS = ["net.ipv4.ip_local_reserved_ports", "net.ipv4.conf.all.rp_filter"];

function readSettings(system: SystemRoot): Map<string, string> {
  const known = SETTINGS.filter(({ kind, name }) => kind === "sysctl" && /^[\w.]+$/.test(name));
  const names = new Set([...known.map(({ name }) => name), ...JUDGED, ...MORE_SETTINGS]);
  const live = new Map<string, string>();
  for (const name of names) {
    const text = readTextIfAllowed(settingFile(system, name));
    if (text !== null) live.set(name, normalValue(text));
  }
  return live;
}

function settingFile({ proc }: SystemRoot, name: string): string {
  return `${proc}/sys/${sysctlPath(name)}`;
}

/** Nobody may write it: not even root, whom other files' modes do not stop. */
function isReadOnly(file: string, tree: FactSources["tree"]): boolean {
  return process.getuid?.() === 0 && !tree.mayWrite(file);
}

/** The kernel's page size as a process's map tells it. */
function readPageBytes({ proc }: SystemRoot): number {
  const match = /^KernelPageSize:\s+(\d+) kB$/m.exec(readTextIfAllowed(`${proc}/self/smaps`) ?? "");
  return match === null ? 4096 : Number(match[1]) * 1024;
}

function parseRelease(text: string): TuneFacts["kernel"] {
  const match = /^(\d+)\.(\d+)/.exec(text);
  // An unknown kernel is taken for a current one: what it lacks shows by the missing files.
  return match === null ? { major: 6, minor: 0 } : { major: Number(match[1]), minor: Number(match[2]) };
}

function kibibytes(text: string, name: string): number | null {
  const match = new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(text);
  return match === null ? null : Number(match[1]) * 1024;
}

function firstNumber(text: string | null): number | null {
  const match = /^\d+/.exec(text ?? "");
  return match === null ? null : Number(match[0]);
}

function readSysctlFiles(root: string): SysctlFile[] {
  const paths = SYSCTL_FOLDERS.flatMap((folder) =>
    confFiles(root + folder).map((name) => `${folder}/${name}`),
  );
  return [...paths, "/etc/sysctl.conf"].flatMap((file) => {
    const text = readTextIfAllowed(root + file);
    return text === null ? [] : [{ path: file, shownPath: behindLinks(root, file), text }];
  });
}

/** Links are followed inside the root only; what leads out of it keeps its name. */
function behindLinks(root: string, file: string): string {
  const real = realpathSync(root + file);
  const realRoot = root === "" ? "" : realpathSync(root);
  return real.startsWith(`${realRoot}/`) ? real.slice(realRoot.length) : file;
}

function confFiles(folder: string): string[] {
  return listFolder(folder)
    .filter((name) => name.endsWith(".conf"))
    .sort();
}

function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (isAbsentOrForbidden(error)) return [];
    throw error;
  }
}

function portsOf(census: Census | null): number[] {
  const ports = census?.listeners.flatMap(({ endpoints }) => endpoints.map(({ port }) => port)) ?? [];
  return [...new Set(ports)].sort((a, b) => a - b);
}

interface Running {
  readonly pids: Set<number>;
  connections: number | null;
}

function readServices(sources: FactSources): ServiceFacts[] {
  const { system, census, service } = sources;
  const units = new Map<string, Running>();
  for (const { processes, conduct } of census?.listeners ?? []) {
    const served = new Set<string>();
    for (const { pid } of processes) {
      // systemd keeps a descriptor of the sockets that it hands to services.
      if (pid === 1 && processes.length > 1) continue;
      const unit = readUnit(system, pid) ?? readProcessName(system, pid);
      if (unit === null) continue;
      const running = units.get(unit) ?? { pids: new Set(), connections: 0 };
      running.pids.add(pid);
      units.set(unit, running);
      served.add(unit);
    }
    // One unit's, unless systemd holds the socket for several.
    for (const unit of served) units.get(unit)!.connections! += holdingCount(conduct);
  }
  if (service !== null && !units.has(service)) units.set(service, findRunning(system, service));
  return [...units].map(([unit, running]) => readService(sources, unit, running));
}

/** A unit that does not listen, or whose sockets nobody can be asked for: its processes tell their control group. */
function findRunning(system: SystemRoot, unit: string): Running {
  const pids = listFolder(system.proc)
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => readUnit(system, pid) === unit);
  return { pids: new Set(pids), connections: null };
}

function readService(
  { system, root, service }: FactSources,
  unit: string,
  { pids, connections }: Running,
): ServiceFacts {
  const limits = [...pids].map((pid) => readDescriptorLimits(system, pid)).filter((found) => found !== null);
  const names = [...pids].map((pid) => readProcessName(system, pid)).filter((name) => name !== null);
  const files = unitFiles(root, unit);
  const installed = files.some((file) => !file.includes(".d/"));
  if (unit === service && pids.size === 0 && !installed) {
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
    limitLines: files.flatMap((file) => limitLines(root, file)),
  };
}

function limitLines(root: string, file: string): LimitLine[] {
  return parseLimitLines(file, readTextIfAllowed(root + file) ?? "");
}

/** systemd.unit(5): the more important first. */
const UNIT_FOLDERS = [
  "/etc/systemd/system",
  "/run/systemd/system",
  "/usr/lib/systemd/system",
  "/lib/systemd/system",
];

/** The unit's file, then its drop-ins in the order in which systemd reads them. */
function unitFiles(root: string, unit: string): string[] {
  if (!isServiceName(unit)) return [];
  // kamailio@a.service is made from kamailio@.service, and takes the drop-ins of both.
  const template = unit.includes("@") ? unit.replace(/@.*\.service$/, "@.service") : unit;
  const names = [...new Set([unit, template])];
  const own = names.flatMap((name) => UNIT_FOLDERS.map((folder) => `${folder}/${name}`));
  const found = own.find((file) => readTextIfAllowed(root + file) !== null);
  const dropIns = new Map<string, string>();
  for (const folder of UNIT_FOLDERS) {
    for (const name of [...names, "service"]) {
      for (const file of confFiles(`${root}${folder}/${name}.d`)) {
        if (!dropIns.has(file)) dropIns.set(file, `${folder}/${name}.d/${file}`);
      }
    }
  }
  const sorted = [...dropIns].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, file]) => file);
  return [...(found === undefined ? [] : [found]), ...sorted];
}

/** `kamailio` and `kamailio.service` are one unit. */
export function unitName(text: string): string {
  const unit = path.extname(text) === ".service" ? text : `${text}.service`;
  if (isServiceName(unit)) return unit;
  throw new TuneError("unknown-service", `${JSON.stringify(text)} is no name of a service`);
}
