// A made-up machine on which every check is fine, and machines that differ from it in one thing.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { machineBelow } from "../../linux/machine-root.ts";
import type { BanFacts } from "../facts/ban-facts.ts";
import type { DiskSpace, MachineFacts } from "../facts/machine-facts.ts";
import { readMachineFacts } from "../facts/read-facts.ts";
import type { ListenerFacts, SocketFacts } from "../facts/socket-facts.ts";

/** Files by their path below the made-up root; null takes one away. */
export type Files = Readonly<Record<string, string | null>>;

export interface Machine {
  readonly files?: Files;
  /** Written between the two readings of the counters. */
  readonly later?: Files;
  readonly listener?: Partial<ListenerFacts>;
  readonly peers?: ReadonlyMap<string, number>;
  /** False: the kernel could not be asked. */
  readonly sockets?: false;
  readonly bans?: BanFacts;
  readonly logSpace?: DiskSpace | null;
  readonly capabilities?: Partial<MachineFacts["capabilities"]>;
  readonly seconds?: number;
}

/** The facts that the doctor reads of this machine. */
export async function factsOf(machine: Machine = {}): Promise<MachineFacts> {
  const folder = mkdtempSync(path.join(tmpdir(), "sockwarden-doctor-"));
  try {
    writeFiles(folder, { ...HEALTHY_FILES, ...machine.files });
    return await readMachineFacts({
      root: machineBelow(folder),
      seconds: machine.seconds ?? 2,
      sources: {
        sockets: async () => socketsOf(machine),
        bans: () =>
          machine.bans ?? { kind: "read", sets: [{ name: "ipset blacklist", members: ["192.0.2.7"] }] },
        logSpace: () => (machine.logSpace === undefined ? ROOMY : machine.logSpace),
        capabilities: () => ({ ...ABLE, ...machine.capabilities }),
        wait: async () => writeFiles(folder, machine.later ?? {}),
      },
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const ROOMY: DiskSpace = { path: "/var/log", freeBytes: 80e9, totalBytes: 100e9 };
const ABLE = { destroy: { kind: "works" }, nftables: { kind: "works" }, ipset: { kind: "works" } } as const;

const LISTENER: ListenerFacts = {
  name: "kamailio:5060",
  ports: [5060],
  pids: [812],
  queue: { used: 0, limit: 1024 },
  connections: 300,
  silent: 2,
  largest: { source: "198.51.100.20", connections: 43, silent: 0 },
  quiet: 290,
  quietWithoutKeepalive: 0,
  zeroWindow: 0,
};

function socketsOf({ listener, peers, sockets }: Machine): SocketFacts {
  if (sockets === false) throw new Error("the fake kernel says no");
  const others = [
    { name: "mosquitto:1883", ports: [1883], pids: [900] },
    { name: "nginx:443", ports: [443], pids: [1000] },
    { name: "haproxy:8443", ports: [8443], pids: [1100] },
  ].map((other) => ({ ...LISTENER, ...other }));
  return {
    listeners: [{ ...LISTENER, ...listener }, ...others],
    peers: peers ?? new Map([["198.51.100.20", 43]]),
  };
}

function writeFiles(folder: string, files: Files): void {
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(folder, name);
    if (text === null) {
      rmSync(file, { recursive: true, force: true });
      continue;
    }
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}

/** As PID/fd: since Linux 6.2 the folder's size is the number of descriptors, and a file of that size says the same. */
export const descriptors = (count: number): string => "x".repeat(count);

export const limits = (soft: number | string, hard: number | string = soft): string =>
  `Limit                     Soft Limit           Hard Limit           Units\nMax open files            ${soft}                ${hard}                files\n`;

function server(pid: number, name: string, config: string, text: string): Files {
  return {
    [`proc/${pid}/comm`]: `${name}\n`,
    [`proc/${pid}/cmdline`]: `/usr/sbin/${name}\0`,
    [`proc/${pid}/cgroup`]: `0::/system.slice/${name}.service\n`,
    [`proc/${pid}/limits`]: limits(65_536, 524_288),
    [`proc/${pid}/fd`]: descriptors(300),
    [`proc/${pid}/root${config}`]: text,
    [`usr/lib/systemd/system/${name}.service`]: "[Service]\nType=simple\n",
    [`etc/systemd/system/${name}.service.d/limits.conf`]: "[Service]\nLimitNOFILE=65536\n",
  };
}

/** `proc/sys/...` files of dotted keys. */
export function sysctls(values: Readonly<Record<string, string>>): Files {
  const path = (key: string): string => `proc/sys/${key.replaceAll(".", "/")}`;
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [path(key), `${value}\n`]));
}

/** Two lines a section, as net/netstat has them. */
export function netstat(counters: Readonly<Record<string, number>>): Files {
  const names = { ...CALM, ...counters };
  const text = `TcpExt: ${Object.keys(names).join(" ")}\nTcpExt: ${Object.values(names).join(" ")}\n`;
  return { "proc/thread-self/net/netstat": text };
}

export const softnet = (drops: number): Files => ({
  "proc/thread-self/net/softnet_stat": `0036ff8d ${drops.toString(16).padStart(8, "0")} 00000000\n`,
});

export const conntrackStats = (drops: number): Files => ({
  "proc/thread-self/net/stat/nf_conntrack": `entries  drop early_drop\n00000010  ${drops.toString(16).padStart(8, "0")} 00000000\n`,
});

export const sockstat = (values: { orphan?: number; tw?: number; mem?: number }): Files => {
  const { orphan = 0, tw = 12, mem = 40 } = values;
  const text = `sockets: used 500\nTCP: inuse 320 orphan ${orphan} tw ${tw} alloc 330 mem ${mem}\n`;
  return { "proc/thread-self/net/sockstat": text };
};

const CALM = {
  SyncookiesSent: 0,
  SyncookiesFailed: 0,
  ListenOverflows: 7,
  ListenDrops: 7,
  TCPTimeouts: 4,
  TCPKeepAlive: 100,
  TCPAbortOnTimeout: 3,
  TCPMemoryPressures: 0,
  PruneCalled: 0,
  RcvPruned: 0,
  TCPRcvQDrop: 0,
  TCPAbortOnMemory: 0,
  TCPTimeWaitOverflow: 0,
  TCPReqQFullDoCookies: 0,
  TCPReqQFullDrop: 0,
  IPReversePathFilter: 0,
};

const KAMAILIO_CFG = `#!KAMAILIO
/* what counts here
tcp_max_connections=1 */
children=8
tcp_connection_lifetime=3605
tcp_max_connections=4096 # enough
tcp_accept_iplimit=200
`;

const HAPROXY_CFG = `global
    maxconn 20000
defaults
    mode http
    timeout client 30s
    option clitcpka
frontend web
    bind :8443
`;

const NGINX_CONF = `worker_rlimit_nofile 65536;
events { worker_connections 4096; }
stream {
  # listen 1;
  server { listen 443 so_keepalive=600s:30s:6; }
}
`;

/** Healthy for every profile, but keepalive's times, which are those of mobile clients. */
export const HEALTHY_FILES: Files = {
  "proc/meminfo": "MemTotal:       16384000 kB\n",
  ...sysctls({
    "kernel.osrelease": "6.12.9-amd64",
    "fs.file-max": "9223372036854775807",
    "fs.file-nr": "2000\t0\t9223372036854775807",
    "fs.nr_open": "1048576",
    "net.core.somaxconn": "4096",
    "net.core.netdev_max_backlog": "1000",
    "net.ipv4.tcp_keepalive_time": "600",
    "net.ipv4.tcp_keepalive_intvl": "30",
    "net.ipv4.tcp_keepalive_probes": "6",
    "net.ipv4.tcp_retries1": "3",
    "net.ipv4.tcp_retries2": "10",
    "net.ipv4.tcp_orphan_retries": "0",
    "net.ipv4.tcp_fin_timeout": "60",
    "net.ipv4.tcp_syn_retries": "6",
    "net.ipv4.tcp_synack_retries": "5",
    "net.ipv4.tcp_rto_max_ms": "120000",
    "net.ipv4.tcp_rto_min_us": "200000",
    "net.ipv4.tcp_syncookies": "1",
    "net.ipv4.tcp_max_syn_backlog": "2048",
    "net.ipv4.tcp_abort_on_overflow": "0",
    "net.ipv4.tcp_timestamps": "1",
    "net.ipv4.tcp_max_tw_buckets": "131072",
    "net.ipv4.tcp_ehash_entries": "262144",
    "net.ipv4.tcp_tw_reuse": "2",
    "net.ipv4.tcp_tw_reuse_delay": "1000",
    "net.ipv4.ip_local_port_range": "32768\t60999",
    "net.ipv4.tcp_mem": "187000\t250000\t375000",
    "net.ipv4.tcp_max_orphans": "131072",
    "net.ipv4.tcp_rmem": "4096\t131072\t6291456",
    "net.ipv4.tcp_wmem": "4096\t16384\t4194304",
    "net.ipv4.tcp_mtu_probing": "1",
    "net.ipv4.tcp_challenge_ack_limit": "2147483647",
    "net.ipv4.conf.all.rp_filter": "2",
    "net.netfilter.nf_conntrack_max": "262144",
    "net.netfilter.nf_conntrack_buckets": "262144",
    "net.netfilter.nf_conntrack_count": "310",
    "net.netfilter.nf_conntrack_tcp_timeout_established": "86400",
    "net.netfilter.nf_conntrack_tcp_loose": "1",
    "user.max_net_namespaces": "60000",
    "user.max_user_namespaces": "60000",
  }),
  "etc/sysctl.d/50-mobile.conf": "net.ipv4.tcp_keepalive_time = 600\n# and\n-net.ipv4.not_yet_known = 1\n",
  "etc/security/limits.conf": "# nothing\n",
  "etc/systemd/system.conf": "[Manager]\n#DefaultLimitNOFILE=1024:524288\n",
  ...netstat({}),
  ...softnet(3),
  ...conntrackStats(0),
  ...sockstat({}),
  ...server(812, "kamailio", "/etc/kamailio/kamailio.cfg", KAMAILIO_CFG),
  ...server(
    900,
    "mosquitto",
    "/etc/mosquitto/mosquitto.conf",
    "listener 1883\nmax_connections 20000\nmax_keepalive 600\n",
  ),
  ...server(1000, "nginx", "/etc/nginx/nginx.conf", NGINX_CONF),
  ...server(1100, "haproxy", "/etc/haproxy/haproxy.cfg", HAPROXY_CFG),
};
