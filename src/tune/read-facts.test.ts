// The reading of facts, from a made-up tree.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { machineBelow } from "../linux/machine-root.ts";
import { readNamespaceMark } from "./namespace.ts";
import { planTune } from "./plan.ts";
import { type FactSources, readTuneFacts, unitName } from "./read-facts.ts";
import { DISK_TREE } from "./tree.ts";

const root = mkdtempSync(path.join(tmpdir(), "sockwarden-facts-"));
after(() => rmSync(root, { recursive: true, force: true }));

function write(file: string, text: string): void {
  mkdirSync(path.dirname(root + file), { recursive: true });
  writeFileSync(root + file, text);
}

const sources = (service: string | null = null): FactSources => ({
  root: machineBelow(root),
  mayWrite: DISK_TREE.mayWrite,
  census: null,
  service,
});

test("a bare tree yields what is known: nothing, and no failure", () => {
  const facts = readTuneFacts(sources());
  assert.equal(facts.live.size, 0);
  assert.equal(facts.memoryBytes, null);
  assert.deepEqual(facts.services, []);
  assert.equal(
    planTune(facts, { profile: "mobile", connections: null, perSecond: null, service: null }).changes.length,
    0,
  );
});

test("settings, memory, files and the kernel's version are read below the root", () => {
  write("/proc/sys/net/ipv4/tcp_rmem", "4096\t131072\t6291456\n");
  write("/proc/sys/net/ipv4/ip_local_reserved_ports", "\n");
  write("/proc/sys/kernel/osrelease", "4.18.0-553.el8\n");
  write("/proc/sys/fs/file-nr", "3200\t0\t9223372036854775807\n");
  write("/proc/meminfo", "MemTotal:       16384000 kB\nMemFree: 1 kB\nMemAvailable:   8192000 kB\n");
  write("/proc/thread-self/net/sockstat", "TCP: inuse 20 orphan 7 tw 5 alloc 30 mem 2\n");
  const facts = readTuneFacts(sources());
  assert.equal(facts.live.get("net.ipv4.tcp_rmem"), "4096 131072 6291456");
  assert.equal(facts.live.get("net.ipv4.ip_local_reserved_ports"), "");
  assert.deepEqual(facts.kernel, { major: 4, minor: 18 });
  assert.equal(facts.memoryBytes, 16_384_000 * 1024);
  assert.equal(facts.orphans, 7);
  assert.equal(facts.openFiles, 3200);
});

test("sysctl files are read with their real names, through Debian's link as well", () => {
  write("/etc/sysctl.conf", "net.ipv4.tcp_retries2 = 5\n");
  write("/usr/lib/sysctl.d/10-vendor.conf", "net.core.somaxconn = 4096\n");
  write("/etc/sysctl.d/README", "net.core.somaxconn = 1\n");
  symlinkSync("../sysctl.conf", `${root}/etc/sysctl.d/99-sysctl.conf`);
  const { lines } = readTuneFacts(sources());
  assert.deepEqual(
    lines.map(({ file, line, value }) => `${file}:${line} ${value}`),
    ["/usr/lib/sysctl.d/10-vendor.conf:1 4096", "/etc/sysctl.conf:1 5"],
  );
});

test("a service asked for is found by its control group, with the lowest limit and every line about it", () => {
  for (const [pid, soft] of [
    [812, 4096],
    [813, 1024],
  ]) {
    write(`/proc/${pid}/cgroup`, "0::/system.slice/kamailio.service\n");
    write(`/proc/${pid}/comm`, "kamailio\n");
    write(
      `/proc/${pid}/limits`,
      `Max open files            ${soft}                 524288               files\n`,
    );
  }
  write("/proc/900/cgroup", "0::/system.slice/ssh.service\n");
  write("/usr/lib/systemd/system/kamailio.service", "[Unit]\nLimitNOFILE=1\n[Service]\nLimitNOFILE=2048\n");
  write("/etc/systemd/system/kamailio.service.d/override.conf", "[Service]\nLimitNOFILE=4096:8192\n");
  write("/etc/systemd/system/service.d/10-all.conf", "[Service]\nLimitNOFILE=infinity\n");
  const [service] = readTuneFacts(sources("kamailio.service")).services;
  assert.deepEqual(service, {
    unit: "kamailio.service",
    program: "kamailio",
    connections: null,
    limits: { soft: 1024, hard: 524_288 },
    limitLines: [
      { file: "/usr/lib/systemd/system/kamailio.service", line: 4, soft: 2048, hard: 2048 },
      { file: "/etc/systemd/system/service.d/10-all.conf", line: 2, soft: Infinity, hard: Infinity },
      { file: "/etc/systemd/system/kamailio.service.d/override.conf", line: 2, soft: 4096, hard: 8192 },
    ],
  });
});

test("a service that does not run is known by its file; one that is nowhere is an error", () => {
  write("/usr/lib/systemd/system/mosquitto.service", "[Service]\n");
  const [service] = readTuneFacts(sources("mosquitto.service")).services;
  assert.equal(service?.limits, null);
  assert.throws(() => readTuneFacts(sources("kamailo.service")), { code: "unknown-service" });
});

test("unitName() takes both ways to name a service, and nothing that leads elsewhere", () => {
  assert.equal(unitName("kamailio"), "kamailio.service");
  assert.equal(unitName("kamailio@a.service"), "kamailio@a.service");
  for (const name of ["../../etc/passwd", "", "a b", "x/y.service", ".hidden"]) {
    assert.throws(() => unitName(name), { code: "unknown-service" }, name);
  }
});

test("a namespace is told from process 1's where that may be seen", () => {
  assert.deepEqual(readNamespaceMark(machineBelow(root)), { id: null, boot: null, first: true });
  mkdirSync(`${root}/proc/thread-self/ns`, { recursive: true });
  symlinkSync("net:[2]", `${root}/proc/thread-self/ns/net`);
  write("/proc/sys/kernel/random/boot_id", "3f1c\n");
  assert.deepEqual(readNamespaceMark(machineBelow(root)), { id: "net:[2]", boot: "3f1c", first: true });
  mkdirSync(`${root}/proc/1/ns`, { recursive: true });
  symlinkSync("net:[1]", `${root}/proc/1/ns/net`);
  assert.equal(readNamespaceMark(machineBelow(root)).first, false);
});
