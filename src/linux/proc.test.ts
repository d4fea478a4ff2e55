// The readers of /proc and /sys on a made-up tree, and once on this machine's.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { findUnits } from "./cgroup.ts";
import { parsePairedLines, parseSockstat, readSnmp, readTcpSocketCount } from "./proc-net.ts";
import {
  readCommandLine,
  readDescriptorCount,
  readDescriptorLimits,
  readProcessName,
  readStartTime,
  readUnit,
  unitOfCgroup,
} from "./proc-process.ts";
import { SocketOwners } from "./socket-owners.ts";
import { HOST_ROOT, type SystemRoot } from "./system-root.ts";

const folder = mkdtempSync(path.join(tmpdir(), "sockwarden-proc-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const root: SystemRoot = { proc: path.join(folder, "proc"), sys: path.join(folder, "sys") };

function write(file: string, text: string): void {
  mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
  writeFileSync(path.join(folder, file), text);
}

/** A process that holds the given sockets. */
function addProcess(
  pid: number,
  options: { readonly comm: string; readonly sockets: readonly number[]; readonly start?: number },
): void {
  write(`proc/${pid}/comm`, `${options.comm}\n`);
  write(`proc/${pid}/stat`, `${pid} (${options.comm}) S ${"0 ".repeat(18)}${options.start ?? 100} 0\n`);
  rmSync(path.join(folder, `proc/${pid}/fd`), { recursive: true, force: true });
  mkdirSync(path.join(folder, `proc/${pid}/fd`), { recursive: true });
  symlinkSync("/dev/null", path.join(folder, `proc/${pid}/fd/0`));
  for (const [i, inode] of options.sockets.entries()) {
    symlinkSync(`socket:[${inode}]`, path.join(folder, `proc/${pid}/fd/${3 + i}`));
  }
}

test("net/snmp pairs its lines, and lines that do not pair up are left out", () => {
  const text = "Tcp: ActiveOpens PassiveOpens\nTcp: 3 12\nUdp: InDatagrams\nIcmp: 4\n";
  assert.deepEqual(
    [...parsePairedLines(text)],
    [
      ["Tcp.ActiveOpens", 3],
      ["Tcp.PassiveOpens", 12],
    ],
  );
});

test("net/sockstat gives the number of sockets that a dump may hand over", () => {
  write("proc/thread-self/net/sockstat", "sockets: used 300\nTCP: inuse 20 orphan 0 tw 5 alloc 30 mem 2\n");
  write("proc/thread-self/net/sockstat6", "TCP6: inuse 7\n");
  assert.equal(readTcpSocketCount(root), 32);
  assert.equal(parseSockstat("TCP: inuse").size, 0);
});

test("this machine's net/snmp has the counters that scheduling needs", () => {
  assert.ok(readSnmp(HOST_ROOT).has("Tcp.PassiveOpens"));
});

test("PID/limits, comm, cmdline, cgroup and stat are read", () => {
  addProcess(812, { comm: "kama (x) ilio", sockets: [1, 2], start: 4242 });
  write(
    "proc/812/limits",
    "Limit  Soft Limit  Hard Limit  Units\nMax open files            1024                 unlimited            files     \n",
  );
  write("proc/812/cmdline", "kamailio\0-f\0/etc/kamailio.cfg\0");
  write("proc/812/cgroup", "0::/system.slice/kamailio.service\n");
  assert.deepEqual(readDescriptorLimits(root, 812), { soft: 1024, hard: Number.POSITIVE_INFINITY });
  assert.equal(readProcessName(root, 812), "kama (x) ilio");
  assert.deepEqual(readCommandLine(root, 812), ["kamailio", "-f", "/etc/kamailio.cfg"]);
  assert.equal(readUnit(root, 812), "kamailio.service");
  assert.equal(readStartTime(root, 812), 4242);
});

test("a Node process is named after its program, not after its thread", () => {
  addProcess(813, { comm: "MainThread", sockets: [] });
  write("proc/813/cmdline", "/usr/bin/node\0server.js\0");
  assert.equal(readProcessName(root, 813), "node");
  write("proc/813/cmdline", `/usr/bin/${"x".repeat(100_000)}\0`);
  assert.equal(readProcessName(root, 813), "x".repeat(15));
  write("proc/813/cmdline", "");
  assert.equal(readProcessName(root, 813), "MainThread");
});

test("a missing process is null everywhere", () => {
  assert.equal(readProcessName(root, 99), null);
  assert.equal(readCommandLine(root, 99), null);
  assert.equal(readDescriptorLimits(root, 99), null);
  assert.equal(readDescriptorCount(root, 99), null);
  assert.equal(readStartTime(root, 99), null);
  assert.equal(readUnit(root, 99), null);
});

test("the number of this process's descriptors is what its folder lists", () => {
  const count = readDescriptorCount(HOST_ROOT, process.pid);
  const listed = readdirSync("/proc/self/fd").length;
  assert.ok(count !== null && Math.abs(count - listed) <= 2, `${count} against ${listed}`);
});

test("unitOfCgroup() takes the innermost unit of a path", () => {
  assert.equal(unitOfCgroup("0::/user.slice/user-1000.slice/session-3.scope"), "session-3.scope");
  assert.equal(unitOfCgroup("0::/system.slice/docker-1.scope/init"), "docker-1.scope");
  assert.equal(unitOfCgroup("0::/"), null);
});

test("findUnits() finds a unit by the inode number of its control group", () => {
  mkdirSync(path.join(root.sys, "fs/cgroup/system.slice/mosquitto.service"), { recursive: true });
  const { ino } = statSync(path.join(root.sys, "fs/cgroup/system.slice/mosquitto.service"));
  assert.deepEqual([...findUnits(root, new Set([ino, 1]))], [[ino, "mosquitto.service"]]);
});

test("SocketOwners finds every process that holds a socket", () => {
  addProcess(700, { comm: "server", sockets: [11, 12] });
  addProcess(701, { comm: "worker", sockets: [11] });
  const { pidsOf } = new SocketOwners(root, () => 0).find(new Set([11, 12, 13]));
  assert.deepEqual(pidsOf.get(11), [700, 701]);
  assert.deepEqual(pidsOf.get(12), [700]);
  assert.deepEqual(pidsOf.get(13), []);
});

test("SocketOwners notices new processes, ended ones, and a pid that another process got", () => {
  let now = 0;
  addProcess(710, { comm: "old", sockets: [21], start: 1 });
  addProcess(711, { comm: "stays", sockets: [21] });
  const owners = new SocketOwners(root, () => now);
  assert.deepEqual(owners.find(new Set([21])).pidsOf.get(21), [710, 711]);
  now += 1000;
  addProcess(710, { comm: "another", sockets: [22], start: 2 });
  rmSync(path.join(root.proc, "711"), { recursive: true });
  addProcess(712, { comm: "new", sockets: [21] });
  assert.deepEqual(owners.find(new Set([21])).pidsOf.get(21), [712]);
});

test("SocketOwners reads known processes again when an unknown socket turns up, but rests in between", () => {
  let now = 0;
  let readingTakesMs = 10;
  addProcess(720, { comm: "server", sockets: [31] });
  const owners = new SocketOwners(root, () => (now += readingTakesMs));
  owners.find(new Set([31]));
  readingTakesMs = 0;
  addProcess(720, { comm: "server", sockets: [31, 32] });
  now += 50;
  assert.deepEqual(owners.find(new Set([31, 32])).pidsOf.get(32), [], "too soon after the last reading");
  now += 500;
  assert.deepEqual(owners.find(new Set([31, 32])).pidsOf.get(32), [720]);
});

test("SocketOwners finds this process as the owner of its own listener", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  try {
    const own = readdirSync("/proc/self/fd").length;
    assert.ok(own > 0);
    const inodes = new Set<number>();
    for (let fd = 0; fd < 64; fd++) {
      const stat = statSync(`/proc/self/fd/${fd}`, { throwIfNoEntry: false });
      if (stat?.isSocket()) inodes.add(stat.ino);
    }
    const { pidsOf } = new SocketOwners(HOST_ROOT, () => performance.now()).find(inodes);
    for (const inode of inodes) assert.ok(pidsOf.get(inode)!.includes(process.pid));
  } finally {
    server.close();
  }
});
