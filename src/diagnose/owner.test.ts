// What is read about an owner, on a made-up tree of /proc, /etc and /usr.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { type MachineRoot, machineBelow } from "../linux/machine-root.ts";
import { readLimitOrigin } from "./limit-origin.ts";
import { readOwner } from "./owner.ts";

const folder = mkdtempSync(path.join(tmpdir(), "sockwarden-owner-"));
after(() => rmSync(folder, { recursive: true }));
const PID = 812;
let trees = 0;

function machine(files: Readonly<Record<string, string>>): MachineRoot {
  const tree = path.join(folder, String(++trees));
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(tree, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  return machineBelow(tree);
}

const CGROUP = { [`proc/${PID}/cgroup`]: "0::/system.slice/kamailio.service\n" };
const LIMITS_CONF = "# * soft nofile 9\n* soft nofile 10240\nroot - nofile 65536\n* soft nproc 99999\n";

test("a unit without LimitNOFILE beside a limits.conf that no service reads", () => {
  const root = machine({
    ...CGROUP,
    "lib/systemd/system/kamailio.service": "[Service]\nExecStart=/usr/sbin/kamailio\n",
    "etc/security/limits.conf": LIMITS_CONF,
  });
  assert.deepEqual(readLimitOrigin(root, PID), {
    unit: "kamailio.service",
    unitLimit: null,
    pamLimit: { soft: 65_536, file: "/etc/security/limits.conf" },
  });
});

test("the last drop-in of a unit wins, soft before hard", () => {
  const root = machine({
    ...CGROUP,
    "usr/lib/systemd/system/kamailio.service": "[Service]\nLimitNOFILE=1024\n",
    "etc/systemd/system/kamailio.service.d/10-a.conf": "[Service]\nLimitNOFILE=4096:8192\n",
    "etc/systemd/system/kamailio.service.d/20-b.conf": "[Service]\nLimitNOFILE = 16384:65536\n",
  });
  assert.deepEqual(readLimitOrigin(root, PID).unitLimit, {
    soft: 16_384,
    file: "/etc/systemd/system/kamailio.service.d/20-b.conf",
  });
});

test("a process outside any unit has no origin but limits.conf", () => {
  assert.deepEqual(readLimitOrigin(machine({}), PID), { unit: null, unitLimit: null, pamLimit: null });
});

test("an owner's state, age and part of a core come from PID/stat and uptime", () => {
  const stat = (cpu: number) => `${PID} (kamailio) R ${"0 ".repeat(10)}${cpu} 10 0 0 20 0 1 0 5000 0`;
  const root = machine({
    [`proc/${PID}/stat`]: stat(290),
    [`proc/${PID}/comm`]: "kamailio\n",
    "proc/uptime": "110.5 200.0\n",
  });
  const owner = readOwner(root, {
    pid: PID,
    earlier: { fdUsed: 9, times: { state: "S", startTicks: 5000, cpuTicks: 100 } },
    elapsed: 4,
  });
  assert.equal(owner?.state, "R");
  assert.equal(owner.ageMs, 60_500);
  assert.equal(owner.cpuShare, 0.5);
  assert.equal(owner.descriptors, null);
});

test("an owner that has ended is nobody", () => {
  assert.equal(readOwner(machine({}), { pid: PID, earlier: null, elapsed: 1 }), null);
});
