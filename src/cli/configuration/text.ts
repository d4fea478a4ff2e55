// The text of a configuration for people: its mistakes, or a summary that fits on a screen.

import type { Config, ConfigProblem } from "../../config/index.ts";
import { count, formatDuration, formatNetwork, type ListenerPolicy } from "../../model/index.ts";
import { printable } from "../text/foreign.ts";

/** `FILE:LINE:COLUMN: KEY: message (accepted: ...)` each, as editors and compilers have it. */
export function problemsText(problems: readonly ConfigProblem[]): string {
  return problems
    .map(({ file, line, column, key, message, accepted }) => {
      const what = key === "" ? message : `${key}: ${message}`;
      return printable(
        `${file}:${line}:${column}: ${what}${accepted === "" ? "" : ` (accepted: ${accepted})`}`,
      );
    })
    .join("\n");
}

/** At most this many listeners are named; a screen has 24 lines. */
const LISTENERS_MAX = 12;

export function configText(config: Config, files: readonly string[]): string {
  const { mode, listeners, socket, stateDir, http, allow, ban, enforce, monitors } = config;
  const shown = (listeners ?? []).slice(0, LISTENERS_MAX).map((policy) => ["listener", policyText(policy)]);
  const more = (listeners?.length ?? 0) - shown.length;
  const rows = [
    ["files", files.length === 0 ? "none in the default place: defaults alone" : filesText(files)],
    ...(listeners === null
      ? [["listeners", "all that are found; they are watched, and nothing is enforced"]]
      : shown),
    ...(more > 0 ? [["listener", `and ${more} more`]] : []),
    ["allow", allow.length === 0 ? "only this host, its gateway and SSH logins" : entriesText(allow.length)],
    ["ban", banSettingsText(ban)],
    ["enforce", enforceSettingsText(enforce, mode)],
    ["monitors", monitors.length === 0 ? "none" : monitors.map(({ name }) => name).join(", ")],
    ["socket", socket],
    ["state", stateDir],
    ["http", http === null ? "off" : httpText(http)],
  ];
  const many = listeners === null ? "every listener" : count(listeners.length, "listener");
  return [
    `configuration is fine: ${many}, mode ${mode}`,
    ...rows.map(([name, text]) => `  ${name!.padEnd(10)}${printable(text!)}`),
  ].join("\n");
}

function entriesText(n: number): string {
  return n === 1 ? "1 entry" : `${n} entries`;
}

function filesText(files: readonly string[]): string {
  const [main, ...others] = files;
  return others.length === 0 ? main! : `${main} and ${others.length} more`;
}

function policyText({ name, selector, tlsPorts, profile, limits, slots }: ListenerPolicy): string {
  const { ports, process, address, netns } = selector;
  const tls = ports === null ? [] : tlsPorts;
  const { connectionsPerSource: most, newPerSource } = limits;
  return [
    `${name}: profile ${profile.name}`,
    ...(ports === null
      ? []
      : [`ports ${portsText(ports)}${tls.length > 0 ? ` (TLS ${portsText(tls)})` : ""}`]),
    ...(process === null ? [] : [`process ${process}`]),
    ...(address === null ? [] : [`address ${formatNetwork(address)}`]),
    ...(netns === null ? [] : [`netns ${netns}`]),
    ...(slots === null ? [] : [`${slots} slots`]),
    `unproven ${limits.unprovenPerSource} a source`,
    ...(most === null ? [] : [`strict ${most} a source`]),
    ...(newPerSource === null
      ? []
      : [`strict ${newPerSource.count} new per ${formatDuration(newPerSource.perMs)}`]),
  ].join(", ");
}

function portsText(ports: readonly number[]): string {
  const more = ports.length > 4 ? ` and ${ports.length - 4} more` : "";
  return ports.slice(0, 4).join(" ") + more;
}

function banSettingsText({ firstMs, factor, maxMs, action }: Config["ban"]): string {
  return `${formatDuration(firstMs)}, times ${factor} each time, at most ${formatDuration(maxMs)}; ${action}`;
}

function enforceSettingsText({ backend, fence, onStop }: Config["enforce"], mode: Config["mode"]): string {
  if (mode === "observe") return "nothing is changed; it says what it would do";
  return `${backend}, ${fence ? "with" : "without"} fence, on stop ${onStop}`;
}

function httpText({ host, port, tokenFile }: NonNullable<Config["http"]>): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}, token in ${tokenFile}`;
}
