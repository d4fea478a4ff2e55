// Descriptors, at every layer down to the running process: the machine, the ceiling of a process, the service, the process.

import { percent, plain } from "../../model/index.ts";
import {
  FILE_MAX_LEAST,
  linePlace,
  numbersOf,
  parseDescriptorLimits,
  SYSTEMD_LIMITS,
  type UnitSetting,
} from "../../settings/index.ts";
import { type DoctorCheck, failed, ok, unknown } from "../check.ts";
import type { MachineFacts, Server } from "../facts/machine-facts.ts";
import { dropInFix, processText } from "./about-descriptors.ts";
import { liveNumber, readOf, sysctlFix } from "./about-sysctls.ts";

const FULL = 0.8;
const NEARLY_FULL = 0.95;

/** Raises the limits of one process without a restart. Tables that the program sized at its start do not grow. */
const prlimit = ({ pid, limits }: Server, descriptors: number): string =>
  `prlimit --pid ${pid} --nofile=${descriptors}:${Math.max(descriptors, Number.isFinite(limits!.hard) ? limits!.hard : descriptors)}`;

const readLimitLine = (server: Server): string =>
  `/proc/${server.pid}/limits: Max open files ${plain(server.limits!.soft)} soft, ${plain(server.limits!.hard)} hard`;
const readUse = ({ pid, fdUsed }: Server): string => `/proc/${pid}/fd: ${fdUsed}`;

/** Unknown where servers cannot be seen; null where they can. */
function unseen({ servers, sockets }: MachineFacts): string | null {
  if (sockets === null) return "the socket table could not be read";
  if (servers.length > 0 || sockets.listeners.length === 0) return null;
  return "no process that listens can be seen: they belong to others (run as root) or to another PID namespace";
}

const USED: DoctorCheck = {
  id: "descriptors-used",
  severity: "warning",
  about: "a listening process that has used more than 80 % of its descriptors",
  reads: "/proc/PID/fd, /proc/PID/limits",
  judge: (facts) => {
    const hidden = unseen(facts);
    if (hidden !== null) return unknown(hidden);
    const known = facts.servers.filter(({ fdUsed, limits }) => fdUsed !== null && limits !== null);
    const share = (server: Server): number => server.fdUsed! / server.limits!.soft;
    const full = known.filter((server) => share(server) > FULL).sort((a, b) => share(b) - share(a));
    if (full.length === 0) {
      return ok(`no listening process has used more than 80 % of its descriptors (${known.length} seen)`);
    }
    const worst = full[0]!;
    const wanted = Math.max(65_536, 4 * worst.limits!.soft);
    return failed({
      severity: share(worst) > NEARLY_FULL ? "critical" : "warning",
      text: full
        .map(
          (server) =>
            `${processText(server)} has ${server.fdUsed} of ${server.limits!.soft} descriptors open (${percent(server.fdUsed!, server.limits!.soft)}).`,
        )
        .join(" "),
      read: full.flatMap((server) => [readUse(server), readLimitLine(server)]),
      fix: [...full.map((server) => prlimit(server, wanted)), ...dropInFix(worst.unit, wanted)],
    });
  },
  advice:
    "When they run out nobody new gets in (EMFILE), while a TCP connect still succeeds. See who holds them with `sockwarden who`: if it is one source, a higher limit only buys time. The first line helps the running process at once, the drop-in for good.",
  source: "proc(5), getrlimit(2), systemd.exec(5)",
};

const SOFT: DoctorCheck = {
  id: "descriptors-default",
  severity: "warning",
  about: "a listening service with the default of 1024 descriptors",
  reads: "/proc/PID/limits, the unit's files",
  judge: (facts, profile) => {
    const hidden = unseen(facts);
    if (hidden !== null) return unknown(hidden);
    const low = facts.servers.filter(
      ({ unit, limits, ports }) =>
        isService(unit) && limits !== null && limits.soft <= SYSTEMD_LIMITS.soft && !ports.includes(22),
    );
    if (low.length === 0)
      return ok("every listening service may have more than the default of 1024 descriptors");
    const wanted = profile === "trunk" ? 8192 : 65_536;
    return failed({
      text: low
        .map(
          (server) =>
            `${processText(server)} of ${server.unit} may have ${server.limits!.soft} descriptors: some ${server.limits!.soft - 30} connections.`,
        )
        .join(" "),
      read: low.map(readLimitLine),
      fix: [...new Set(low.map(({ unit }) => unit))].flatMap((unit) => dropInFix(unit, wanted)),
    });
  },
  advice: "Give the service its number in a drop-in, and restart it.",
  source: "systemd.exec(5); systemd NEWS 240",
};

const isService = (unit: string | null): boolean => unit?.endsWith(".service") === true;

const NOT_IN_FORCE: DoctorCheck = {
  id: "descriptors-not-in-force",
  severity: "warning",
  about: "a service whose configured LimitNOFILE its running process does not have",
  reads: "the unit's files and drop-ins, /proc/PID/limits",
  judge: (facts) => {
    const hidden = unseen(facts);
    if (hidden !== null) return unknown(hidden);
    const stale = facts.servers.flatMap((server) => {
      const setting = server.unitSettings.find(({ name }) => name === "LimitNOFILE");
      const wanted = setting === undefined ? null : parseDescriptorLimits(setting.value);
      // A program may raise its soft limit to the hard one by itself.
      const reached =
        server.limits !== null &&
        wanted !== null &&
        server.limits.soft >= Math.min(wanted.soft, liveNumber(facts, "fs.nr_open") ?? Infinity);
      return setting === undefined || server.limits === null || reached ? [] : [{ server, setting }];
    });
    if (stale.length === 0) return ok("every LimitNOFILE that a unit sets is in force");
    return failed({
      text: stale
        .map(
          ({ server, setting }) =>
            `${processText(server)} may have ${server.limits!.soft} descriptors; ${linePlace(setting)} says ${setting.value}.`,
        )
        .join(" "),
      read: stale.flatMap(({ server, setting }) => [readUnitLine(setting), readLimitLine(server)]),
      fix: [
        ...new Set(stale.map(({ server }) => `systemctl daemon-reload && systemctl restart ${server.unit}`)),
      ],
    });
  },
  advice:
    "The process started before the line was written, or lowered its own limit. Restart the service when its connections can bear it.",
  source: "systemd.exec(5)",
};

const readUnitLine = (setting: UnitSetting): string =>
  `${linePlace(setting)}: ${setting.name}=${setting.value}`;

const LIMITS_CONF: DoctorCheck = {
  id: "limits-conf-ignored",
  severity: "warning",
  about: "nofile lines in limits.conf, which do not reach services",
  reads: "/etc/security/limits.conf, /etc/security/limits.d",
  judge: ({ limitsLines, servers }) => {
    const lines = limitsLines.filter(({ item }) => item === "nofile");
    if (lines.length === 0) return ok("no limits.conf line is taken for a service's limit");
    const services = servers.filter(
      ({ unit, unitSettings }) => isService(unit) && !unitSettings.some(({ name }) => name === "PAMName"),
    );
    const lowered = lines.find(
      ({ type, value, domain }) => type !== "soft" && value < SYSTEMD_LIMITS.hard && domain === "*",
    );
    if (services.length === 0 && lowered === undefined) return ok("limits.conf sets nofile, for logins");
    const none =
      services.length === 0
        ? ""
        : ` They do not reach ${[...new Set(services.map(({ unit }) => unit))].join(", ")}: systemd starts services without PAM.`;
    const less =
      lowered === undefined
        ? ""
        : ` ${lowered.file}:${lowered.line} lowers the hard limit of every login from ${SYSTEMD_LIMITS.hard}.`;
    return failed({
      text: `limits.conf sets nofile for login sessions.${none}${less}`,
      read: lines.map(({ file, line, text }) => `${file}:${line}: ${text}`),
      fix: [
        ...lines.map(({ file, line, text }) => `${file}:${line}: delete "${text}"`),
        ...(services[0] === undefined ? [] : dropInFix(services[0].unit, 65_536)),
      ],
    });
  },
  advice:
    "Delete the lines unless logins need them, and set LimitNOFILE on the service's unit. `*` does not stand for root either.",
  source: "limits.conf(5), pam_limits(8)",
};

const LIMITS_TOO_HIGH: DoctorCheck = {
  id: "limits-above-ceiling",
  severity: "critical",
  about: "a nofile limit above fs.nr_open: logins can be refused",
  reads: "/etc/security/limits.conf, /etc/security/limits.d, /proc/sys/fs/nr_open",
  judge: (facts) => {
    const ceiling = liveNumber(facts, "fs.nr_open");
    if (ceiling === null) return unknown("fs.nr_open could not be read");
    const over = facts.limitsLines.filter(
      ({ item, value }) => item === "nofile" && Number.isFinite(value) && value > ceiling,
    );
    if (over.length === 0) return ok(`no nofile limit is above fs.nr_open (${ceiling})`);
    return failed({
      text: `${over.map(({ file, line, value }) => `${file}:${line} asks for ${value}`).join("; ")}, but fs.nr_open allows ${ceiling}: pam_limits fails, and where it is required, so does every login, ssh's too.`,
      read: [
        ...over.map(({ file, line, text }) => `${file}:${line}: ${text}`),
        readOf("fs.nr_open", String(ceiling)),
      ],
      fix: over.map(({ file, line, domain, type }) => `${file}:${line}: ${domain} ${type} nofile ${ceiling}`),
    });
  },
  advice: "Lower the line before the next login; keep a session open until a new one has worked.",
  source: "limits.conf(5), pam_limits(8), fs/file.c",
};

const DEFAULT_LIMIT: DoctorCheck = {
  id: "default-limit",
  severity: "notice",
  about: "DefaultLimitNOFILE, which changes every service",
  reads: "/etc/systemd/system.conf, /etc/systemd/system.conf.d",
  judge: ({ managerSettings }) => {
    const set = managerSettings.filter(
      ({ name }) => name === "DefaultLimitNOFILE" || name === "DefaultLimitNPROC",
    );
    if (set.length === 0) return ok("no limit is changed for every service at once");
    return failed({
      text: set
        .map((setting) => `${linePlace(setting)} sets ${setting.name}=${setting.value} for every service.`)
        .join(" "),
      read: set.map(readUnitLine),
      fix: set.map((setting) => `${linePlace(setting)}: delete "${setting.name}=${setting.value}"`),
    });
  },
  advice:
    "Set LimitNOFILE on the one unit that needs it: programs that use select() fail above descriptor 1023, and NPROC counts processes, not connections. The default needs systemctl daemon-reexec and a restart of each service.",
  source: "systemd-system.conf(5), systemd.exec(5)",
};

const MACHINE: DoctorCheck = {
  id: "files-of-machine",
  severity: "critical",
  about: "fs.file-max too low, or nearly used up: the limit of all processes together",
  reads: "/proc/sys/fs/file-max, /proc/sys/fs/file-nr",
  judge: (facts) => {
    const most = liveNumber(facts, "fs.file-max");
    const [used] = numbersOf(facts.sysctls.get("fs.file-nr"));
    if (most === null || used === undefined) return unknown("fs.file-nr could not be read");
    const read = [readOf("fs.file-max", String(most)), readOf("fs.file-nr", facts.sysctls.get("fs.file-nr"))];
    const low = most < FILE_MAX_LEAST;
    if (!low && used / most <= FULL)
      return ok(`${used} of ${facts.sysctls.get("fs.file-max")} files are open on the whole machine`, read);
    return failed({
      text: `${used} of ${most} files are open on the whole machine (${percent(used, most)})${low ? `; fs.file-max = ${most} is the limit of all processes together, not of one` : ""}. At the limit every process without root's rights is refused (ENFILE), while root's tools go on working.`,
      read,
      fix: [...sysctlFix(facts, "fs.file-max", null), "sysctl -w fs.file-max=9223372036854775807"],
    });
  },
  advice:
    "Delete every fs.file-max line: the kernel and systemd set it higher than anybody needs. A process's own limit is LimitNOFILE on its unit.",
  source: "Documentation/admin-guide/sysctl/fs.rst, fs/file_table.c, systemd NEWS 240",
};

export const DESCRIPTOR_CHECKS: readonly DoctorCheck[] = [
  USED,
  SOFT,
  NOT_IN_FORCE,
  LIMITS_CONF,
  LIMITS_TOO_HIGH,
  DEFAULT_LIMIT,
  MACHINE,
];
