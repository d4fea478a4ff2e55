// Every check passes on a healthy machine, and fails on one that differs in the one thing it is about. It says so when
// it cannot read something. A check without its cases fails the first two tests.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Severity } from "../model/severity.ts";
import { advisedValue } from "../settings/advised.ts";
import type { TuneProfile } from "../settings/known-settings.ts";
import type { CheckResult, DoctorCheck } from "./check.ts";
import { DOCTOR_CHECKS } from "./checks.ts";
import { judgeChecks } from "./doctor.ts";
import {
  conntrackStats,
  descriptors,
  factsOf,
  limits,
  type Machine,
  netstat,
  sockstat,
  softnet,
  sysctls,
} from "./testing/healthy-machine.ts";

interface Failing extends Machine {
  /** In the text. */
  readonly says: RegExp;
  /** In the lines to write. */
  readonly fix?: RegExp;
  readonly severity?: Severity;
  readonly profile?: TuneProfile;
}

const cfg = (pid: number, file: string, text: string): Machine => ({
  files: { [`proc/${pid}/root${file}`]: text },
});
const kamailio = (text: string): Machine => cfg(812, "/etc/kamailio/kamailio.cfg", text);

const FAILING: Readonly<Record<string, Failing | readonly Failing[]>> = {
  "descriptors-used": [
    {
      files: { "proc/812/limits": limits(1024, 524_288), "proc/812/fd": descriptors(900) },
      says: /kamailio \(pid 812\) has 900 of 1024 descriptors open \(87 %\)/,
      fix: /prlimit --pid 812 --nofile=65536:524288/,
      severity: "warning",
    },
    {
      files: { "proc/812/limits": limits(1024), "proc/812/fd": descriptors(1024) },
      says: /1024 of 1024/,
      fix: /kamailio\.service\.d\/90-sockwarden\.conf:\n\[Service\]\nLimitNOFILE=65536/,
      severity: "critical",
    },
  ],
  "descriptors-default": {
    files: { "proc/900/limits": limits(1024, 524_288) },
    says: /mosquitto \(pid 900\) of mosquitto\.service may have 1024 descriptors/,
    fix: /LimitNOFILE=65536/,
  },
  "descriptors-not-in-force": {
    files: { "etc/systemd/system/kamailio.service.d/zz.conf": "[Service]\nLimitNOFILE=200000:300000\n" },
    says: /may have 65536 descriptors; \/etc\/systemd\/system\/kamailio\.service\.d\/zz\.conf:2 says 200000:300000/,
    fix: /systemctl restart kamailio\.service/,
  },
  "limits-conf-ignored": {
    files: { "etc/security/limits.conf": "* soft nofile 10240\n* hard nofile 10240\n" },
    says: /do not reach kamailio\.service.*lowers the hard limit of every login from 524288/,
    fix: /\/etc\/security\/limits\.conf:2: delete "\* hard nofile 10240"/,
  },
  "limits-above-ceiling": {
    files: { "etc/security/limits.d/90.conf": "voip hard nofile 2000000 # plenty\n" },
    says: /limits\.d\/90\.conf:1 asks for 2000000, but fs\.nr_open allows 1048576/,
    fix: /voip hard nofile 1048576/,
  },
  "default-limit": {
    files: { "etc/systemd/system.conf.d/limits.conf": "[Manager]\nDefaultLimitNOFILE=65536\n" },
    says: /system\.conf\.d\/limits\.conf:2 sets DefaultLimitNOFILE=65536 for every service/,
  },
  "files-of-machine": [
    {
      files: sysctls({ "fs.file-max": "1024", "fs.file-nr": "640 0 1024" }),
      says: /640 of 1024 files .* the limit of all processes together, not of one/,
    },
    {
      files: sysctls({ "fs.file-max": "100000", "fs.file-nr": "90000 0 100000" }),
      says: /90000 of 100000 files .* \(90 %\)/,
    },
  ],
  "accept-queue": {
    listener: { queue: { used: 600, limit: 1024 } },
    says: /600 connections wait to be accepted by kamailio:5060, whose queue holds 1024/,
  },
  "accept-queue-overflows": {
    later: netstat({ ListenOverflows: 16, ListenDrops: 16 }),
    says: /9 SYNs and handshakes were dropped in 2 s/,
  },
  "syn-drops": { later: netstat({ ListenDrops: 30 }), says: /23 SYNs were dropped in 2 s/ },
  "syn-cookies": {
    later: netstat({ SyncookiesSent: 40, SyncookiesFailed: 4 }),
    says: /44 times in 2 s, 4 answers/,
  },
  "silent-connections": [
    { listener: { connections: 990, silent: 684 }, says: /684 of 990 .* \(69 %\)/, severity: "critical" },
    { listener: { connections: 990, silent: 100 }, says: /100 of 990/, severity: "warning" },
  ],
  "one-source": {
    listener: { connections: 990, largest: { source: "203.0.113.77", connections: 684, silent: 684 } },
    says: /203\.0\.113\.77 holds 684 of 990 connections to kamailio:5060, 684 of them silent/,
  },
  "keepalive-unused": {
    listener: { quiet: 40, quietWithoutKeepalive: 40 },
    says: /40 of 40 quiet connections/,
  },
  "zero-window": { listener: { zeroWindow: 3 }, says: /3 of the peers of kamailio:5060/ },
  "banned-but-connected": [
    {
      bans: { kind: "read", sets: [{ name: "ipset blacklist", members: ["198.51.100.20", "192.0.2.1"] }] },
      says: /43 connections of 1 banned address in ipset blacklist are still held/,
      fix: /ss -K dst 198\.51\.100\.20/,
    },
    {
      bans: { kind: "read", sets: [{ name: "nftables inet f/b", members: ["2001:db8::/32"] }] },
      peers: new Map([["2001:db8::7", 2]]),
      says: /2 connections of 1 banned address/,
    },
  ],
  orphans: { files: sockstat({ orphan: 70_000 }), says: /70000 closed sockets still try to send, of 131072/ },
  "connections-timed-out": {
    later: netstat({ TCPAbortOnTimeout: 8, TCPKeepAlive: 104 }),
    says: /ended 5 connections in 2 s .* 4 keepalive probes/,
  },
  "keepalive-outage": {
    files: sysctls({ "net.ipv4.tcp_keepalive_probes": "3" }),
    says: /3 probes, 30 s apart: a client that is away for 90 s is cut/,
    fix: /tcp_keepalive_probes = 6/,
  },
  "time-wait": [
    { files: sockstat({ tw: 120_000 }), says: /120000 sockets are in TIME-WAIT, 131072 may be/ },
    { later: netstat({ TCPTimeWaitOverflow: 6 }), says: /6 were skipped just now/ },
  ],
  "conntrack-timeout": {
    files: sysctls({ "net.netfilter.nf_conntrack_tcp_timeout_established": "700" }),
    says: /forgets an idle connection after 12 min, and keepalive takes 13 min/,
    fix: /nf_conntrack_tcp_timeout_established = 86400/,
  },
  "conntrack-full": [
    { files: sysctls({ "net.netfilter.nf_conntrack_count": "250000" }), says: /250000 of 262144 flows/ },
    { later: conntrackStats(5), says: /5 were dropped just now/ },
  ],
  "tcp-memory": {
    files: sockstat({ mem: 200_000 }),
    says: /TCP buffers take 781 MiB, above the first mark of 730 MiB/,
  },
  "tcp-memory-pressure": { later: netstat({ PruneCalled: 2 }), says: /2 times in 2 s: PruneCalled/ },
  "packet-backlog": {
    later: softnet(20),
    says: /17 packets were dropped in 2 s/,
    fix: /netdev_max_backlog=2000/,
  },
  "reverse-path": { later: netstat({ IPReversePathFilter: 4 }), says: /dropped 4 packets in 2 s/ },
  "kamailio-descriptors": [
    {
      files: { "proc/812/limits": limits(1024, 524_288) },
      says: /may have 1024 descriptors and is set up for 4096 TCP connections/,
      fix: /LimitNOFILE=65536[\s\S]*open_files_limit=65536/,
    },
    {
      ...kamailio("children=8\n"),
      files: { ...kamailio("children=8\n").files, "proc/812/limits": limits(2048) },
      says: /2048 TCP/,
    },
  ],
  "kamailio-lifetime": [
    { ...kamailio("tcp_connection_lifetime = 86400\n"), says: /stays for 24 h/, severity: "warning" },
    { ...kamailio("tcp_connection_lifetime=120\n"), says: /after 120 s without traffic/, severity: "notice" },
  ],
  "kamailio-source-limit": [
    { ...kamailio("tcp_accept_iplimit=0\n"), says: /any number of 2048/ },
    { ...kamailio("children=8\n"), says: /1024 of 2048 connections \(from Kamailio 5\.7\.3/ },
  ],
  "kamailio-first-data": {
    ...kamailio("tcp_msg_data_timeout=0\n"),
    says: /may stay silent until its lifetime ends/,
  },
  "kamailio-keepalive": {
    ...kamailio("tcp_keepalive=no\n"),
    says: /switched off/,
    fix: /kamailio\.cfg:1: tcp_keepalive=yes/,
  },
  "mosquitto-connections": [
    {
      ...cfg(900, "/etc/mosquitto/mosquitto.conf", "listener 1883\n"),
      says: /until its 65536 descriptors are gone/,
      fix: /max_connections 65024/,
    },
    {
      ...cfg(900, "/etc/mosquitto/mosquitto.conf", "max_connections 90000\n"),
      says: /takes 90000 connections/,
    },
  ],
  "mosquitto-keepalive": {
    ...cfg(900, "/etc/mosquitto/mosquitto.conf", "# max_keepalive 600\n"),
    says: /18 hours/,
  },
  "nginx-descriptors": {
    ...cfg(
      1000,
      "/etc/nginx/nginx.conf",
      "worker_rlimit_nofile 1024;\nevents { worker_connections 4096; }\n",
    ),
    says: /4096 connections and may have 1024/,
    fix: /nginx\.conf:1: worker_rlimit_nofile 9216;/,
  },
  "nginx-keepalive": {
    ...cfg(1000, "/etc/nginx/nginx.conf", "http { server { listen 443 ssl; } }\n"),
    says: /1 nginx listener has no keepalive/,
    fix: /listen 443 ssl so_keepalive=600s:30s:6;/,
  },
  "haproxy-timeouts": {
    ...cfg(1100, "/etc/haproxy/haproxy.cfg", "defaults\n  option clitcpka\n"),
    says: /stays for ever/,
  },
  "haproxy-keepalive": {
    ...cfg(1100, "/etc/haproxy/haproxy.cfg", "defaults\n  timeout client 5s\n"),
    says: /does not probe/,
  },
  "haproxy-descriptors": {
    ...cfg(1100, "/etc/haproxy/haproxy.cfg", "global\n maxconn 40000\n"),
    says: /40000 connections, two descriptors each, and may have 65536/,
  },
  "sysctl-unknown": {
    files: { "etc/sysctl.d/70-old.conf": "net.ipv4.tcp_tw_recycle = 0\n" },
    says: /names a setting that Linux 6\.12\.9-amd64 does not have: net\.ipv4\.tcp_tw_recycle\. .*removed in Linux 4\.12/,
    fix: /\/etc\/sysctl\.d\/70-old\.conf:1: delete/,
  },
  "sysctl-twice": {
    files: { "etc/sysctl.d/40-first.conf": "net.ipv4.tcp_keepalive_time = 1200\n" },
    says: /set 2 times; \/etc\/sysctl\.d\/50-mobile\.conf:1 wins with 600/,
    fix: /40-first\.conf:1: delete/,
  },
  "sysctl-not-applied": {
    files: { "usr/lib/sysctl.d/60-late.conf": "net/core/somaxconn=8192\n" },
    says: /net\.core\.somaxconn is 4096; \/usr\/lib\/sysctl\.d\/60-late\.conf:1 says 8192/,
  },
  "sysctl-conf-unread": {
    files: { "etc/sysctl.conf": "net.ipv4.tcp_fin_timeout = 60\n" },
    says: /1 line of \/etc\/sysctl\.conf is not applied at boot/,
    fix: /sysctl\.d\/90-local\.conf: net\.ipv4\.tcp_fin_timeout = 60/,
  },
  "disk-for-logs": [
    {
      logSpace: { path: "/var/log", freeBytes: 2e9, totalBytes: 100e9 },
      says: /can fill that in 60 s/,
      severity: "warning",
    },
    {
      logSpace: { path: "/var/log", freeBytes: 1e8, totalBytes: 100e9 },
      says: /in 3 s/,
      severity: "critical",
    },
  ],
  "sock-destroy": {
    capabilities: { destroy: { kind: "missing", reason: "built without it" } },
    says: /cannot evict/,
  },
  nftables: {
    capabilities: { nftables: { kind: "missing", reason: "no module" } },
    says: /cannot ban by nftables: no module/,
  },
  ipset: { capabilities: { ipset: { kind: "missing", reason: "no module" } }, says: /cannot ban by ipset/ },
  conntrack: { files: { "proc/sys/net/netfilter": null }, says: /not loaded here/ },
  namespaces: { files: sysctls({ "user.max_net_namespaces": "0" }), says: /No namespace can be made/ },
};

/** A bad value of each sysctl with a check of its own, and how bad that is. */
const BAD_VALUES: Readonly<Record<string, readonly [string, Severity, TuneProfile?]>> = {
  "fs.nr_open": ["65536", "warning"],
  "net.ipv4.tcp_keepalive_time": ["7200", "notice"],
  "net.ipv4.tcp_keepalive_intvl": ["300", "notice"],
  "net.ipv4.tcp_keepalive_probes": ["3", "notice"],
  "net.ipv4.tcp_retries2": ["5", "critical"],
  "net.ipv4.tcp_retries1": ["1", "notice"],
  "net.ipv4.tcp_orphan_retries": ["1", "critical"],
  "net.ipv4.tcp_fin_timeout": ["5", "notice"],
  "net.ipv4.tcp_syn_retries": ["3", "notice"],
  "net.ipv4.tcp_synack_retries": ["1", "warning"],
  "net.ipv4.tcp_rto_max_ms": ["1000", "critical"],
  "net.ipv4.tcp_rto_min_us": ["5000", "notice"],
  "net.ipv4.tcp_syncookies": ["0", "warning"],
  "net.ipv4.tcp_max_syn_backlog": ["16", "warning"],
  "net.core.somaxconn": ["128", "warning"],
  "net.ipv4.tcp_abort_on_overflow": ["1", "warning"],
  "net.core.netdev_max_backlog": ["100", "warning"],
  "net.ipv4.tcp_timestamps": ["0", "warning"],
  "net.ipv4.tcp_max_tw_buckets": ["5000", "warning"],
  "net.ipv4.tcp_tw_reuse": ["0", "notice", "churn"],
  "net.ipv4.tcp_tw_reuse_delay": ["1", "warning"],
  "net.ipv4.ip_local_port_range": ["50000 60999", "warning"],
  "net.ipv4.tcp_mem": ["786432 2097152 3145728", "critical"],
  "net.ipv4.tcp_max_orphans": ["1000", "warning"],
  "net.ipv4.tcp_rmem": ["4096 131072 33554432", "notice"],
  "net.ipv4.tcp_wmem": ["4096 4096 4194304", "notice"],
  "net.ipv4.tcp_mtu_probing": ["0", "notice"],
  "net.ipv4.tcp_challenge_ack_limit": ["100", "notice"],
  "net.ipv4.conf.all.rp_filter": ["1", "notice"],
  "net.netfilter.nf_conntrack_max": ["4096", "warning"],
  "net.netfilter.nf_conntrack_buckets": ["1024", "notice"],
  "net.netfilter.nf_conntrack_tcp_timeout_established": ["600", "critical"],
  "net.netfilter.nf_conntrack_tcp_loose": ["0", "warning"],
};

async function resultOf(id: string, machine: Machine, profile: TuneProfile = "mobile"): Promise<CheckResult> {
  const check = DOCTOR_CHECKS.find((candidate) => candidate.id === id);
  assert.ok(check, `there is a check ${id}`);
  return judgeChecks([check], await factsOf(machine), profile)[0]!;
}

test("every check has a failing case, and every failing case a check", () => {
  assert.deepEqual(
    DOCTOR_CHECKS.map(({ id }) => id).sort(),
    [...Object.keys(FAILING), ...Object.keys(BAD_VALUES)].sort(),
  );
});

test("every check passes on a healthy machine, and says something", async () => {
  const facts = await factsOf();
  for (const result of judgeChecks(DOCTOR_CHECKS, facts, "mobile")) {
    assert.deepEqual([result.id, result.ok, result.text], [result.id, true, result.text]);
    assert.ok(result.text.length > 5, result.id);
  }
  assert.deepEqual(facts.hidden, []);
});

describe("a check fails where", () => {
  for (const [id, cases] of Object.entries(FAILING)) {
    for (const [i, failing] of [cases].flat().entries()) {
      test(`${id}, case ${i + 1}`, async () => {
        const { says, fix, severity, profile, ...machine } = failing;
        const result = await resultOf(id, machine, profile);
        assert.deepEqual([result.ok, result.text], [false, result.text]);
        assert.match(result.text, says);
        if (fix !== undefined) assert.match(result.fix.join("\n"), fix);
        if (severity !== undefined) assert.equal(result.severity, severity);
        assert.ok(result.advice!.length > 10 && result.read.length > 0, "says what was read and what to do");
      });
    }
  }
  for (const [key, [value, severity, profile]] of Object.entries(BAD_VALUES)) {
    test(`${key} is ${value}`, async () => {
      const files = sysctls({
        [key]: value,
        ...(key.endsWith("syn_backlog") ? { "net.ipv4.tcp_syncookies": "0" } : {}),
      });
      const result = await resultOf(key, { files }, profile);
      assert.deepEqual([result.ok, result.severity, result.text], [false, severity, result.text]);
      const advised = advisedValue(key, profile ?? "mobile");
      if (advised !== null)
        assert.ok(
          result.fix.some((line) => line.includes(`${key} = ${advised}`)),
          result.fix.join(),
        );
    });
  }
});

test("a value that is as advised and harmful by another setting is not advised again", async () => {
  const key = "net.netfilter.nf_conntrack_tcp_timeout_established";
  const files = sysctls({ [key]: "7440", "net.ipv4.tcp_keepalive_time": "7440" });
  const { ok, advice, fix } = await resultOf(key, { files }, "churn");
  assert.equal(ok, false);
  assert.match(advice!, /^Set net\.ipv4\.tcp_keepalive_time to \d+\./);
  assert.ok(
    fix.every((line) => line.includes("tcp_keepalive_")),
    fix.join(),
  );
});

test("the value advised for a profile is one that its own check finds fine", async () => {
  for (const profile of ["mobile", "trunk", "churn"] as const) {
    const advised = DOCTOR_CHECKS.flatMap(({ id }) => {
      const value = id.includes(".") ? advisedValue(id, profile) : null;
      return value === null ? [] : [[id, value] as const];
    });
    const facts = await factsOf({ files: sysctls(Object.fromEntries(advised)) });
    for (const { id, ok, text } of judgeChecks(DOCTOR_CHECKS, facts, profile)) {
      if (advised.some(([key]) => key === id)) assert.equal(ok, true, `${profile} ${id}: ${text}`);
    }
  }
});

test("a value that could not be read is told as such, not as fine", async () => {
  const facts = await factsOf({
    sockets: false,
    seconds: 0,
    bans: { kind: "unknown", reason: "Operation not permitted" },
    logSpace: null,
    capabilities: { nftables: { kind: "unknown", reason: "only root may ask" } },
    files: { "proc/812/root/etc/kamailio/kamailio.cfg": null, "proc/sys/fs/file-nr": null },
  });
  const untold = judgeChecks(DOCTOR_CHECKS, facts, "mobile").filter(({ ok }) => ok === null);
  const ids = untold.map(({ id }) => id);
  for (const id of [
    "descriptors-used",
    "accept-queue",
    "syn-drops",
    "silent-connections",
    "banned-but-connected",
    "disk-for-logs",
    "nftables",
    "files-of-machine",
  ]) {
    assert.ok(ids.includes(id), id);
  }
  assert.match(facts.hidden.join(), /the socket table \(the fake kernel says no\).*Operation not permitted/);
});

test("a container's namespace lacks the host's settings, and that is no fault", async () => {
  const gone = ["tcp_mem", "tcp_max_orphans"].map((name) => [`proc/sys/net/ipv4/${name}`, null]);
  const facts = await factsOf({
    files: {
      ...Object.fromEntries(gone),
      "etc/sysctl.d/60-host.conf": "net.ipv4.tcp_max_orphans = 100000\nnet.core.netdev_max_backlog = 5000\n",
      "proc/sys/net/netfilter": null,
      "proc/sys/net/core/netdev_max_backlog": null,
    },
  });
  const failed = judgeChecks(DOCTOR_CHECKS, facts, "mobile").filter(({ ok }) => ok === false);
  assert.deepEqual(
    failed.map(({ id }) => id),
    ["conntrack"],
  );
});

test("the checks of a server whose configuration may not be read stay unknown", async () => {
  const result = await resultOf("kamailio-lifetime", {
    files: { "proc/812/root/etc/kamailio/kamailio.cfg": null },
  });
  assert.deepEqual(
    [result.ok, result.text],
    [null, "/etc/kamailio/kamailio.cfg may not be read by this user"],
  );
});

test("ids are unique, short and of one form", () => {
  assert.equal(new Set(DOCTOR_CHECKS.map(({ id }) => id)).size, DOCTOR_CHECKS.length);
  for (const { id, about, reads, advice, source } of DOCTOR_CHECKS satisfies readonly DoctorCheck[]) {
    assert.match(id, /^[a-z][a-z0-9_.-]+$/);
    for (const text of [about, reads, advice, source]) assert.ok(text.length > 3, id);
  }
});
