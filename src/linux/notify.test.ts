// Notifications to the service manager. A socket in its place receives the datagrams that they are judged by.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type TestContext, test } from "node:test";
import { bind, close, openSocket, receiveFrom, SyscallError } from "./libc.ts";
import { encodeUnixAddress, openServiceNotifier, watchdogPeriodMs } from "./notify.ts";

const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const MSG_DONTWAIT = 0x40;

/** A datagram socket in the manager's place. A sent datagram is there when the sender's call returns. */
function managerAt(t: TestContext, name: string): { receive(): string } {
  const fd = openSocket(AF_UNIX, SOCK_DGRAM, 0);
  t.after(() => close(fd));
  bind(fd, encodeUnixAddress(name));
  return {
    receive() {
      const data = Buffer.alloc(4096);
      return data.toString("utf8", 0, receiveFrom(fd, data, new Uint8Array(128), MSG_DONTWAIT));
    },
  };
}

function folderFor(t: TestContext): string {
  const folder = mkdtempSync(path.join(tmpdir(), "sockwarden-notify-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test("lines reach the manager's socket in one datagram, and a line break cannot begin another", (t) => {
  const name = path.join(folderFor(t), "notify");
  const manager = managerAt(t, name);
  const notifier = openServiceNotifier({ NOTIFY_SOCKET: name });
  assert.equal(notifier.wanted, true);
  notifier.notify(["READY=1", "STATUS=12 bans\nMAINPID=1"]);
  assert.equal(manager.receive(), "READY=1\nSTATUS=12 bans MAINPID=1");
});

test("an abstract address works, as with systemd-notify", (t) => {
  const name = `@sockwarden-notify-${process.pid}`;
  const manager = managerAt(t, name);
  openServiceNotifier({ NOTIFY_SOCKET: name }).notify(["WATCHDOG=1"]);
  assert.equal(manager.receive(), "WATCHDOG=1");
  const judge = spawnSync("systemd-notify", ["--no-block", "WATCHDOG=trigger"], {
    env: { NOTIFY_SOCKET: name },
  });
  if (judge.error !== undefined) return t.diagnostic("no systemd-notify to compare with");
  assert.match(manager.receive(), /^WATCHDOG=trigger/);
});

test("without a manager nothing is sent and nothing fails", () => {
  for (const environment of [{}, { NOTIFY_SOCKET: "" }]) {
    const notifier = openServiceNotifier(environment);
    assert.equal(notifier.wanted, false);
    notifier.notify(["READY=1"]);
  }
});

test("a manager that has gone is an error with the kernel's words", (t) => {
  const notifier = openServiceNotifier({ NOTIFY_SOCKET: path.join(folderFor(t), "nobody") });
  assert.throws(
    () => notifier.notify(["READY=1"]),
    (error) => error instanceof SyscallError && /service manager: No such file/.test(error.message),
  );
});

test("a manager that does not read never blocks the sender", (t) => {
  const name = path.join(folderFor(t), "full");
  managerAt(t, name);
  const notifier = openServiceNotifier({ NOTIFY_SOCKET: name });
  assert.throws(() => {
    for (let i = 0; i < 100_000; i++) notifier.notify(["WATCHDOG=1"]);
  }, /Resource temporarily unavailable/);
});

for (const name of ["relative/path", "vsock:2:1234", `/${"x".repeat(107)}`, `@${"x".repeat(107)}`, "/a\0b"]) {
  test(`${JSON.stringify(name).slice(0, 30)} is no address of a manager`, () => {
    assert.throws(() => openServiceNotifier({ NOTIFY_SOCKET: name }), RangeError);
  });
}

test("the watchdog is fed in half its time, and only by the process that it watches", () => {
  assert.equal(watchdogPeriodMs({ WATCHDOG_USEC: "30000000" }, 7), 15_000);
  assert.equal(watchdogPeriodMs({ WATCHDOG_USEC: "30000000", WATCHDOG_PID: "7" }, 7), 15_000);
  assert.equal(watchdogPeriodMs({ WATCHDOG_USEC: "30000000", WATCHDOG_PID: "8" }, 7), null);
  for (const limit of ["0", "-1", "soon", "", "1e9"])
    assert.equal(watchdogPeriodMs({ WATCHDOG_USEC: limit }, 7), null);
  assert.equal(watchdogPeriodMs({}, 7), null);
});
