// Machines for tests: a Debian server as it comes, and the one of the account that the project comes from.

import { parseSysctlLines, type SysctlLine } from "../../settings/sysctl-lines.ts";
import type { ServiceFacts, TuneFacts } from "../facts.ts";

/** Linux 6.1 and later, 16 GiB. */
export const DEFAULTS: Readonly<Record<string, string>> = {
  "fs.file-max": "9223372036854775807",
  "fs.nr_open": "1048576",
  "net.core.netdev_max_backlog": "1000",
  "net.core.somaxconn": "4096",
  "net.ipv4.conf.all.rp_filter": "0",
  "net.ipv4.ip_local_port_range": "32768 60999",
  "net.ipv4.ip_local_reserved_ports": "",
  "net.ipv4.tcp_abort_on_overflow": "0",
  "net.ipv4.tcp_fin_timeout": "60",
  "net.ipv4.tcp_keepalive_intvl": "75",
  "net.ipv4.tcp_keepalive_probes": "9",
  "net.ipv4.tcp_keepalive_time": "7200",
  "net.ipv4.tcp_max_orphans": "65536",
  "net.ipv4.tcp_max_syn_backlog": "1024",
  "net.ipv4.tcp_max_tw_buckets": "65536",
  "net.ipv4.tcp_mem": "189384 252512 378768",
  "net.ipv4.tcp_mtu_probing": "0",
  "net.ipv4.tcp_orphan_retries": "0",
  "net.ipv4.tcp_retries1": "3",
  "net.ipv4.tcp_retries2": "15",
  "net.ipv4.tcp_rmem": "4096 131072 6291456",
  "net.ipv4.tcp_syn_retries": "6",
  "net.ipv4.tcp_synack_retries": "5",
  "net.ipv4.tcp_syncookies": "1",
  "net.ipv4.tcp_timestamps": "1",
  "net.ipv4.tcp_tw_reuse": "2",
  "net.ipv4.tcp_wmem": "4096 16384 4194304",
};

export const CONNTRACK: Readonly<Record<string, string>> = {
  "net.netfilter.nf_conntrack_buckets": "262144",
  "net.netfilter.nf_conntrack_max": "262144",
  "net.netfilter.nf_conntrack_tcp_loose": "1",
  "net.netfilter.nf_conntrack_tcp_timeout_established": "432000",
};

/** The account's settings, in its words. */
export const ACCOUNT_FILE = `# from the web
fs.file-max=1024
net.ipv4.tcp_keepalive_time = 1200
net.ipv4.tcp_keepalive_intvl = 75
net.ipv4.tcp_keepalive_probes = 3
net.ipv4.tcp_orphan_retries = 1
net.ipv4.tcp_fin_timeout = 30
net.ipv4.tcp_syncookies = 1
net.ipv4.tcp_max_syn_backlog = 65536
net.core.netdev_max_backlog = 32768
net.core.somaxconn = 32768
net.ipv4.tcp_timestamps = 1
net.ipv4.tcp_tw_recycle = 0
net.ipv4.tcp_synack_retries = 3
net.ipv4.tcp_syn_retries = 3
net.ipv4.tcp_max_tw_buckets = 180000
net.ipv4.tcp_tw_reuse = 1
net.ipv4.tcp_mem = 786432 2097152 3145728
net.ipv4.tcp_retries2 = 5
net.ipv4.tcp_retries1 = 3
`;

/** As Debian reads it, through its link 99-sysctl.conf. */
export const ACCOUNT_LINES: readonly SysctlLine[] = parseSysctlLines(ACCOUNT_FILE, "/etc/sysctl.conf");

export const KAMAILIO: ServiceFacts = {
  unit: "kamailio.service",
  program: "kamailio",
  connections: 990,
  limits: { soft: 1024, hard: 524_288 },
  limitLines: [],
};

export function machine(live: Readonly<Record<string, string>>, rest: Partial<TuneFacts> = {}): TuneFacts {
  return {
    kernel: { major: 6, minor: 12 },
    memoryBytes: 16 * 2 ** 30,
    availableBytes: 12 * 2 ** 30,
    pageBytes: 4096,
    live: new Map(Object.entries({ ...DEFAULTS, ...live })),
    readOnly: new Set(),
    lines: [],
    services: [KAMAILIO],
    listeningPorts: [22, 5060, 5061],
    orphans: 0,
    openFiles: 3000,
    ...rest,
  };
}

/** The account's machine, with its file in force. */
export function accountMachine(): TuneFacts {
  const set = Object.fromEntries(
    ACCOUNT_LINES.filter(({ key }) => key in DEFAULTS).map(({ key, value }) => [key, value]),
  );
  return machine(set, { lines: ACCOUNT_LINES });
}
