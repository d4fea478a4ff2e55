// Checks of the sysctl files: names that do not exist, lines that contradict each other, values that are not in force.

import { count } from "../../model/index.ts";
import { keyMatches, linePlace, type SysctlLine, settingOf, winningLine } from "../../settings/index.ts";
import { type DoctorCheck, failed, ok } from "../check.ts";
import type { MachineFacts } from "../facts/machine-facts.ts";
import { writeCommand } from "./about-sysctls.ts";

const SOURCE = "sysctl.d(5), systemd-sysctl.service(8), sysctl(8)";

const readLine = (line: SysctlLine): string => `${linePlace(line)}: ${line.text}`;

const UNKNOWN_KEYS: DoctorCheck = {
  id: "sysctl-unknown",
  severity: "warning",
  about: "lines in sysctl files whose setting this kernel does not have",
  reads: "/etc/sysctl.d, /run/sysctl.d, /usr/lib/sysctl.d, /etc/sysctl.conf; /proc/sys",
  judge: ({ sysctlFiles, missingKeys, kernel, sysctls }) => {
    // A namespace of its own lacks some of the host's settings: there only settings that Linux has removed can be told.
    const whole = sysctls.has("net.ipv4.tcp_mem");
    const gone = (key: string): boolean =>
      whole || !key.startsWith("net.") || settingOf(key)?.removed != null;
    const lines = [...sysctlFiles.lines, ...sysctlFiles.unread].filter(
      // A leading "-" says that a failure does not matter.
      ({ key, optional }) => missingKeys.has(key) && gone(key) && !optional && !key.includes("*"),
    );
    if (lines.length === 0) return ok("every setting that the sysctl files name exists");
    const removed = lines.flatMap(({ key }) => {
      const version = settingOf(key)?.removed;
      return version ? [`${key} was removed in Linux ${version}`] : [];
    });
    const why = removed.length > 0 ? ` ${[...new Set(removed)].join("; ")}.` : "";
    return failed({
      text: `${count(lines.length, "line")} of the sysctl files ${lines.length === 1 ? "names a setting" : "name settings"} that Linux ${kernel ?? "here"} does not have: ${[...new Set(lines.map(({ key }) => key))].join(", ")}.${why}`,
      read: lines.map(readLine),
      fix: lines.map((line) => `${linePlace(line)}: delete "${line.text}"`),
    });
  },
  advice:
    "Delete the lines: `sysctl -p` ends with exit code 1 because of them, and scripts that look at it stop.",
  source: SOURCE,
};

const TWICE: DoctorCheck = {
  id: "sysctl-twice",
  severity: "warning",
  about: "lines in sysctl files that contradict each other, and which one wins",
  reads: "/etc/sysctl.d, /run/sysctl.d, /usr/lib/sysctl.d, /etc/sysctl.conf",
  judge: ({ sysctlFiles }) => {
    const byKey = Map.groupBy(sysctlFiles.lines, ({ key }) => key);
    const contradicting = [...byKey.values()].filter(
      // Lines of a distribution in /usr/lib are meant to be overridden.
      (lines) =>
        new Set(lines.filter(({ file }) => !file.startsWith("/usr/")).map(({ value }) => value)).size > 1,
    );
    if (contradicting.length === 0) return ok("no two lines of the sysctl files contradict each other");
    return failed({
      text: contradicting
        .map(
          (lines) =>
            `${lines[0]!.key} is set ${lines.length} times; ${linePlace(lines.at(-1)!)} wins with ${lines.at(-1)!.value}.`,
        )
        .join(" "),
      read: contradicting.flat().map(readLine),
      fix: contradicting.flatMap((lines) =>
        lines.slice(0, -1).map((line) => `${linePlace(line)}: delete "${line.text}"`),
      ),
    });
  },
  advice:
    "Keep one line each. Files are read in the order of their names, whatever folder they are in; the last line wins.",
  source: SOURCE,
};

const NOT_APPLIED: DoctorCheck = {
  id: "sysctl-not-applied",
  severity: "warning",
  about: "settings whose live value is not what the sysctl files say",
  reads: "/etc/sysctl.d, /run/sysctl.d, /usr/lib/sysctl.d, /etc/sysctl.conf; /proc/sys",
  judge: (facts) => {
    const different = differingLines(facts);
    if (different.length === 0) return ok("what the sysctl files say is in force");
    return failed({
      text: different
        .map(({ line, live }) => `${line.key} is ${live}; ${linePlace(line)} says ${line.value}.`)
        .join(" "),
      read: different.flatMap(({ line, live }) => [readLine(line), `/proc/sys: ${line.key} = ${live}`]),
      fix: different.flatMap(({ line, live }) => [
        `${linePlace(line)}: ${line.key} = ${live}   (if what is live is meant)`,
        `${writeCommand(line.key, line.value)}   (if the file is)`,
      ]),
    });
  },
  advice:
    "Find out which is meant: the line was never applied (sysctl --system does it), somebody has changed the value since, or the service runs in a namespace of its own, which starts from the kernel's defaults.",
  source: SOURCE,
};

/** The winning line of each key whose live value is another one. Settings of TCP and files only. */
function differingLines(facts: MachineFacts): { readonly line: SysctlLine; readonly live: string }[] {
  const { lines } = facts.sysctlFiles;
  const keys = new Set(lines.map(({ key }) => key));
  return [...keys].flatMap((key) => {
    const line = winningLine(lines, key)!;
    const lives = key.includes("*")
      ? [...facts.sysctls].filter(([name]) => keyMatches(line.key, name) && winningLine(lines, name) === line)
      : [[key, facts.sysctls.get(key)] as const];
    const other = lives.find(([, value]) => value !== undefined && !sameValue(value, line.value));
    return other === undefined || !decides(key) ? [] : [{ line, live: other[1]! }];
  });
}

/** Other settings of the machine are nobody's business here. */
const decides = (key: string): boolean => key.startsWith("net.") || settingOf(key) !== undefined;

/** The kernel writes 1 where a file has 01, and fewer numbers in a file leave the others alone. */
function sameValue(live: string, written: string): boolean {
  const [a, b] = [live.split(" "), written.split(" ")];
  return b.every((part, i) => part === a[i] || (part !== "" && Number(part) === Number(a[i])));
}

const UNREAD: DoctorCheck = {
  id: "sysctl-conf-unread",
  severity: "warning",
  about: "lines in /etc/sysctl.conf on a system that does not read it at boot",
  reads: "/etc/sysctl.conf, links in /etc/sysctl.d",
  judge: ({ sysctlFiles: { unread } }) => {
    if (unread.length === 0) return ok("/etc/sysctl.conf is read at boot, or says nothing");
    return failed({
      text: `${count(unread.length, "line")} of /etc/sysctl.conf ${unread.length === 1 ? "is" : "are"} not applied at boot by systemd: no link in /etc/sysctl.d leads to it.`,
      read: unread.map(readLine),
      fix: unread.map((line) => `/etc/sysctl.d/90-local.conf: ${line.key} = ${line.value}`),
    });
  },
  advice:
    "Move what is still wanted to a file in /etc/sysctl.d. `sysctl -p` reads /etc/sysctl.conf by hand, `sysctl --system` last of all.",
  source: SOURCE,
};

export const SYSCTL_FILE_CHECKS: readonly DoctorCheck[] = [UNKNOWN_KEYS, TWICE, NOT_APPLIED, UNREAD];
