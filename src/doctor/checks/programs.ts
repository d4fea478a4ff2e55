// Settings of the servers themselves, where such a process listens.

import { secondsText } from "../../model/index.ts";
import {
  lastSetting,
  type ProgramConfig,
  programSettingText,
  programSettingTextOr,
  settingFix,
  settingNumber,
} from "../../programs/index.ts";
import { type CheckVerdict, type DoctorCheck, type FailedVerdict, failed, ok, unknown } from "../check.ts";
import type { MachineFacts, Server } from "../facts/machine-facts.ts";
import { dropInFix, processText } from "./about-descriptors.ts";

interface Configured extends Server {
  readonly config: ProgramConfig;
}

type ServerJudge = (
  server: Configured,
  profile: Parameters<DoctorCheck["judge"]>[1],
  facts: MachineFacts,
) => Omit<FailedVerdict, "kind"> | string;

/** A check of the servers of one name. `judge` returns what is wrong, or a text that says that nothing is. */
function serverCheck(
  program: string,
  check: Omit<DoctorCheck, "judge"> & { readonly judge: ServerJudge },
): DoctorCheck {
  const judge = (facts: MachineFacts, profile: Parameters<DoctorCheck["judge"]>[1]): CheckVerdict => {
    const servers = facts.servers.filter(
      (server): server is Configured => server.name === program && server.config !== null,
    );
    // Processes with the same configuration count as one: the one with the fewest descriptors is judged.
    const files = Map.groupBy(servers, ({ config }) => config.file);
    const judged = [...files.values()].map((same) => {
      const [tightest] = same.sort((a, b) => (a.limits?.soft ?? Infinity) - (b.limits?.soft ?? Infinity));
      if (!tightest!.config.readable) return unknown(`${tightest!.config.file} may not be read by this user`);
      const found = check.judge(tightest!, profile, facts);
      return typeof found === "string" ? ok(found) : failed(found);
    });
    return (
      judged.find(({ kind }) => kind === "failed") ??
      judged.find(({ kind }) => kind === "unknown") ??
      judged[0] ??
      absentVerdict(facts, program)
    );
  };
  return { ...check, judge };
}

/** Without rights a listener is known by its unit's name alone. */
function absentVerdict({ sockets }: MachineFacts, program: string): CheckVerdict {
  const hidden = sockets?.listeners.some(({ name, pids }) => pids.length === 0 && name.startsWith(program));
  return hidden
    ? unknown(`${program}'s process cannot be seen; run as root`)
    : ok(`no ${program} listens here`);
}

/** The number that is set, or `usual` where none is. */
const numberIn = (config: ProgramConfig, name: string, usual: number): number =>
  settingNumber(config, name, usual) ?? usual;
const readSoft = ({ pid, limits }: Server): string =>
  `/proc/${pid}/limits: Max open files ${limits?.soft ?? "?"} soft`;

const KAMAILIO_SOURCE = "Kamailio core cookbook; src/core/tcp_main.c; measured with 5.6.3 and 6.1.4";
const KAMAILIO_CONNECTIONS = 2048;
/** Sockets, pipes and logs of its processes, beside the connections. */
const RESERVE = 100;

const KAMAILIO_CHECKS: readonly DoctorCheck[] = [
  serverCheck("kamailio", {
    id: "kamailio-descriptors",
    severity: "critical",
    about: "Kamailio with fewer descriptors than tcp_max_connections",
    reads: "kamailio.cfg tcp_max_connections, open_files_limit; /proc/PID/limits",
    judge: (server, _profile, facts) => {
      const most = numberIn(server.config, "tcp_max_connections", KAMAILIO_CONNECTIONS);
      if (server.limits === null) return "its limit may not be read";
      const processes = facts.servers.filter(({ name }) => name === "kamailio").length;
      const needed = most + 3 * processes + RESERVE;
      if (server.limits.soft >= needed)
        return `${server.limits.soft} descriptors are enough for ${most} connections`;
      const wanted = Math.max(65_536, 2 * most + 4096);
      return {
        text: `${processText(server)} may have ${server.limits.soft} descriptors and is set up for ${most} TCP connections. It runs out first: new clients connect and are never answered, one process takes a whole core and writes 260 000 log lines a second.`,
        read: [
          programSettingTextOr(server.config, "tcp_max_connections", "2048"),
          programSettingTextOr(server.config, "open_files_limit", "inherited"),
          readSoft(server),
        ],
        fix: [
          ...dropInFix(server.unit ?? "kamailio.service", wanted),
          `or ${settingFix(server.config, "open_files_limit", `open_files_limit=${wanted}`)}`,
        ],
      };
    },
    advice:
      "Debian's unit sets no LimitNOFILE, so systemd's 1024 holds. Give the unit a limit and restart it.",
    source: KAMAILIO_SOURCE,
  }),
  serverCheck("kamailio", {
    id: "kamailio-lifetime",
    severity: "warning",
    about: "Kamailio's tcp_connection_lifetime, which ends silent connections",
    reads: "kamailio.cfg tcp_connection_lifetime",
    judge: ({ config }, profile) => {
      const lifetime = numberIn(config, "tcp_connection_lifetime", 120);
      const [least, most] = profile === "churn" ? [20, 600] : [250, 3900];
      if (lifetime >= least && lifetime <= most)
        return `a connection without traffic ends after ${secondsText(lifetime)}`;
      return {
        severity: lifetime > most ? "warning" : "notice",
        text:
          lifetime > most
            ? `A connection that says nothing stays for ${secondsText(lifetime)}.`
            : `A connection is closed after ${secondsText(lifetime)} without traffic: phones behind NAT that ping every two minutes are cut.`,
        read: [programSettingTextOr(config, "tcp_connection_lifetime", "120")],
        fix: [
          settingFix(
            config,
            "tcp_connection_lifetime",
            `tcp_connection_lifetime=${profile === "churn" ? 120 : 3605}`,
          ),
        ],
      };
    },
    advice:
      "It must be longer than the clients' ping or re-REGISTER, and not much longer. On a TLS port it counts only after the handshake; there the tls module's connection_timeout (600 s) does.",
    source: KAMAILIO_SOURCE,
  }),
  serverCheck("kamailio", {
    id: "kamailio-source-limit",
    severity: "notice",
    about: "Kamailio's tcp_accept_iplimit, the limit of one address",
    reads: "kamailio.cfg tcp_accept_iplimit, tcp_max_connections",
    judge: ({ config }) => {
      const most = numberIn(config, "tcp_max_connections", KAMAILIO_CONNECTIONS);
      const limit = numberIn(config, "tcp_accept_iplimit", 1024);
      if (limit > 0 && limit <= most / 4 && lastSetting(config, "tcp_accept_iplimit") !== undefined)
        return `one address may have ${limit} connections`;
      return {
        text: `One address may have ${limit === 0 ? "any number" : limit} of ${most} connections${lastSetting(config, "tcp_accept_iplimit") === undefined ? " (from Kamailio 5.7.3 on; before, all of them)" : ""}.`,
        read: [
          programSettingTextOr(config, "tcp_accept_iplimit", "1024 since 5.7.3"),
          programSettingTextOr(config, "tcp_max_connections", "2048"),
        ],
        fix: [settingFix(config, "tcp_accept_iplimit", "tcp_accept_iplimit=200")],
      };
    },
    advice:
      "Set it to a few times the phones behind your largest NAT, and behind a load balancer only together with tcp_accept_haproxy: it counts addresses, and a proxy is one. Before 5.7.3 the setting is an error.",
    source: KAMAILIO_SOURCE,
  }),
  serverCheck("kamailio", {
    id: "kamailio-first-data",
    severity: "warning",
    about: "Kamailio's tcp_msg_data_timeout, which ends connections that never speak",
    reads: "kamailio.cfg tcp_msg_data_timeout",
    judge: ({ config }) => {
      const seconds = numberIn(config, "tcp_msg_data_timeout", 20);
      if (seconds > 0 && seconds <= 60)
        return `a new connection has ${secondsText(seconds)} to say something (Kamailio 5.7.3 and later)`;
      return {
        text:
          seconds === 0
            ? "A new connection may stay silent until its lifetime ends."
            : `A new connection may stay silent for ${secondsText(seconds)}.`,
        read: [programSettingTextOr(config, "tcp_msg_data_timeout", "20")],
        fix: [settingFix(config, "tcp_msg_data_timeout", "tcp_msg_data_timeout=20")],
      };
    },
    advice: "20 s is the default, and what ends a hoard of silent connections.",
    source: KAMAILIO_SOURCE,
  }),
  serverCheck("kamailio", {
    id: "kamailio-keepalive",
    severity: "warning",
    about: "Kamailio with tcp_keepalive switched off",
    reads: "kamailio.cfg tcp_keepalive",
    judge: ({ config }) => {
      const value = lastSetting(config, "tcp_keepalive")?.value ?? "yes";
      if (!/^(no|off|0|false)$/i.test(value)) return "keepalive is on";
      return {
        text: "Keepalive is switched off: a phone that vanishes keeps its descriptor until the connection's lifetime ends.",
        read: [programSettingTextOr(config, "tcp_keepalive", "yes")],
        fix: [settingFix(config, "tcp_keepalive", "tcp_keepalive=yes")],
      };
    },
    advice: "Switch it on, with tcp_keepidle=600, tcp_keepintvl=30 and tcp_keepcnt=6 for mobile clients.",
    source: KAMAILIO_SOURCE,
  }),
];

const OTHER_CHECKS: readonly DoctorCheck[] = [
  serverCheck("mosquitto", {
    id: "mosquitto-connections",
    severity: "warning",
    about: "mosquitto without max_connections, or with more than its descriptors allow",
    reads: "mosquitto.conf max_connections; /proc/PID/limits",
    judge: (server) => {
      const most = numberIn(server.config, "max_connections", -1);
      const soft = server.limits?.soft ?? Number.POSITIVE_INFINITY;
      if (most > 0 && most + RESERVE <= soft) return `${most} connections, ${soft} descriptors`;
      return {
        text:
          most > 0
            ? `${processText(server)} takes ${most} connections and may have ${soft} descriptors.`
            : `${processText(server)} takes connections until its ${soft} descriptors are gone.`,
        read: [programSettingTextOr(server.config, "max_connections", "-1: no limit"), readSoft(server)],
        fix: [
          settingFix(
            server.config,
            "max_connections",
            `max_connections ${Math.max(1, (Number.isFinite(soft) ? soft : 65_536) - 512)}`,
          ),
        ],
      };
    },
    advice: "Leave some descriptors for the broker itself.",
    source: "mosquitto.conf(5)",
  }),
  serverCheck("mosquitto", {
    id: "mosquitto-keepalive",
    severity: "notice",
    about: "mosquitto without max_keepalive",
    reads: "mosquitto.conf max_keepalive",
    judge: ({ config }) => {
      const most = numberIn(config, "max_keepalive", 65_535);
      if (most > 0 && most <= 3600) return `clients must be heard of every ${secondsText(most)}`;
      return {
        text: "A client may ask to be quiet for 18 hours, or (with keepalive 0, before MQTT 5) for ever; mosquitto sets no SO_KEEPALIVE.",
        read: [programSettingTextOr(config, "max_keepalive", "65535")],
        fix: [settingFix(config, "max_keepalive", "max_keepalive 600")],
      };
    },
    advice: "Cap it; it binds MQTT 5 clients only.",
    source: "mosquitto.conf(5)",
  }),
  serverCheck("nginx", {
    id: "nginx-descriptors",
    severity: "warning",
    about: "nginx with fewer descriptors than its worker_connections take",
    reads: "nginx.conf worker_connections, worker_rlimit_nofile, proxy_pass; /proc/PID/limits",
    judge: (server) => {
      const { config } = server;
      const connections = numberIn(config, "worker_connections", 512);
      const limit = numberIn(config, "worker_rlimit_nofile", server.limits?.soft ?? Number.POSITIVE_INFINITY);
      // A proxied connection takes a descriptor to each side; nginx counts both among its worker_connections.
      if (limit >= connections + RESERVE)
        return `${limit} descriptors are enough for ${connections} connections a worker`;
      return {
        text: `An nginx worker takes ${connections} connections and may have ${limit} descriptors.`,
        read: [
          programSettingTextOr(config, "worker_connections", "512"),
          programSettingTextOr(config, "worker_rlimit_nofile", "inherited"),
          readSoft(server),
        ],
        fix: [settingFix(config, "worker_rlimit_nofile", `worker_rlimit_nofile ${2 * connections + 1024};`)],
      };
    },
    advice: "Raise worker_rlimit_nofile above worker_connections and reload.",
    source: "nginx documentation: ngx_core_module",
  }),
  serverCheck("nginx", {
    id: "nginx-keepalive",
    severity: "notice",
    about: "nginx listening without so_keepalive",
    reads: "nginx.conf listen",
    judge: ({ config }) => {
      const without = config.settings.filter(
        ({ name, value }) => name === "listen" && !/so_keepalive=(on|\d|:)/.test(value),
      );
      if (without.length === 0) return "every listener has keepalive on";
      return {
        text: `${without.length} nginx ${without.length === 1 ? "listener has" : "listeners have"} no keepalive: peers that vanish are noticed only by nginx's own timeouts.`,
        read: without.map(programSettingText),
        fix: without.map(
          ({ file, line, value }) => `${file}:${line}: listen ${value} so_keepalive=600s:30s:6;`,
        ),
      };
    },
    advice: "It matters for WebSocket and streams; for plain HTTP the timeouts do.",
    source: "nginx documentation: ngx_http_core_module",
  }),
  serverCheck("haproxy", {
    id: "haproxy-timeouts",
    severity: "warning",
    about: "haproxy without timeout client",
    reads: "haproxy.cfg timeout client",
    judge: ({ config }) => {
      const found = config.settings.find(({ name }) => name.endsWith(" timeout client"));
      if (found !== undefined) return `timeout client is ${found.value}`;
      return {
        text: "Without timeout client a connection that says nothing stays for ever.",
        read: [`${config.file}: no timeout client`],
        fix: [`${config.file}: defaults: timeout client 30s`],
      };
    },
    advice: "Set it, and timeout tunnel for WebSocket.",
    source: "HAProxy configuration manual",
  }),
  serverCheck("haproxy", {
    id: "haproxy-keepalive",
    severity: "notice",
    about: "haproxy without option clitcpka",
    reads: "haproxy.cfg option clitcpka, tcpka",
    judge: ({ config }) => {
      if (config.settings.some(({ name }) => / option (cli)?tcpka$/.test(name)))
        return "keepalive is on towards clients";
      return {
        text: "haproxy does not probe its clients: one that vanishes stays until timeout client or timeout tunnel.",
        read: [`${config.file}: no option clitcpka`],
        fix: [
          `${config.file}: defaults: option clitcpka`,
          `${config.file}: defaults: clitcpka-idle 600s, clitcpka-intvl 30s, clitcpka-cnt 6`,
        ],
      };
    },
    advice: "Switch it on (the idle, intvl and cnt forms are there from 2.3 on).",
    source: "HAProxy configuration manual",
  }),
  serverCheck("haproxy", {
    id: "haproxy-descriptors",
    severity: "warning",
    about: "haproxy with fewer descriptors than twice its maxconn",
    reads: "haproxy.cfg maxconn; /proc/PID/limits",
    judge: (server) => {
      const most = numberIn(server.config, "global maxconn", 0);
      const soft = server.limits?.soft ?? Number.POSITIVE_INFINITY;
      if (most === 0) return "haproxy computes maxconn from its descriptors";
      if (soft >= 2 * most + RESERVE) return `${soft} descriptors are enough for ${most} connections`;
      return {
        text: `${processText(server)} takes ${most} connections, two descriptors each, and may have ${soft}.`,
        read: [programSettingTextOr(server.config, "global maxconn", "computed"), readSoft(server)],
        fix: dropInFix(server.unit ?? "haproxy.service", 2 * most + 1024),
      };
    },
    advice: "haproxy raises its limit by itself where it may; give the unit enough.",
    source: "HAProxy configuration manual",
  }),
];

export const PROGRAM_CHECKS: readonly DoctorCheck[] = [...KAMAILIO_CHECKS, ...OTHER_CHECKS];
