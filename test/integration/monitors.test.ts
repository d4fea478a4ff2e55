// Goal: a service that fails is told soon, once, and with its cause on this host. Way: monitors on servers of the
// test's own that answer, fall silent and come back, and on a real Kamailio that is full, frozen and killed. A real
// scan stands for the guard's view of the listener.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempDisposableSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, test } from "node:test";
import { Registry } from "prom-client";
import { until } from "../../lab/index.ts";
import { type Census, EVERYTHING, openScanner } from "../../src/census/index.ts";
import { openClient } from "../../src/client/index.ts";
import type { MonitorConfig } from "../../src/config/index.ts";
import type { MonitoredListener } from "../../src/daemon/monitors/diagnose-failure.ts";
import { MonitorError } from "../../src/daemon/monitors/monitor-error.ts";
import { Monitors, type MonitorsOptions } from "../../src/daemon/monitors/monitors.ts";
import type { MonitorChange } from "../../src/daemon/monitors/watched-service.ts";
import { holdingCount } from "../../src/model/index.ts";
import { startKamailio, whyNoKamailio } from "./sip-kamailio-server.ts";
import { freePort, readRequest, responseTo, tcpServer, testOptions, udpServer } from "./sip-support.ts";
import { BIN } from "./sockwarden.ts";

const FAST = { everyMs: 40, timeoutMs: 300 };

function monitor(name: string, target: string, changes: Partial<MonitorConfig> = {}): MonitorConfig {
  return { name, target, ...FAST, listener: null, ...changes };
}

interface Watched extends AsyncDisposable {
  readonly monitors: Monitors;
  readonly changes: MonitorChange[];
  readonly registry: Registry;
}

function watch(configs: readonly MonitorConfig[], options: Partial<MonitorsOptions> = {}): Watched {
  const changes: MonitorChange[] = [];
  const registry = new Registry();
  const monitors = new Monitors({
    listenerView: () => null,
    onChange: (change) => changes.push(change),
    registry,
    version: "test",
    ...options,
  });
  monitors.configure(configs);
  return { monitors, changes, registry, [Symbol.asyncDispose]: () => monitors.stop() };
}

const soon = (what: string, timeoutMs = 8000) => ({ what, timeoutMs });

describe("Monitors", () => {
  test("tell once when a service goes down and once when it is back, and remember what it was like", async () => {
    let isSilent = false;
    await using server = await udpServer((send, request) => {
      if (!isSilent) send(responseTo(request, 200, "OK"));
    });
    await using watched = watch([monitor("pbx", `udp:127.0.0.1:${server.port}`)]);
    const { monitors, changes, registry } = watched;
    const [state] = [() => monitors.snapshot()[0]!];
    await until(() => state().state === "up", soon("the first answer"));
    assert.deepEqual(changes, [], "a service that is up at first is no news");
    isSilent = true;
    await until(() => state().state === "down", soon("the state down"));
    isSilent = false;
    await until(() => state().state === "up", soon("the state up again"));
    assert.deepEqual(
      changes.map(({ name, from, to }) => [name, from, to]),
      [
        ["pbx", "up", "down"],
        ["pbx", "down", "up"],
      ],
    );
    assert.match(
      changes.map(({ text }) => text)[0]!,
      /^pbx is down: no answer to the request, in the phase response/,
    );
    const { code, outcome, availability, probes } = state();
    assert.deepEqual({ code, outcome }, { code: 200, outcome: "answered" });
    assert.ok(availability !== null && availability > 0 && availability < 1 && probes >= 6);
    const text = await registry.metrics();
    assert.match(text, /^sockwarden_monitor_up\{monitor="pbx"\} 1$/m);
    assert.match(text, /^sockwarden_probe_seconds_count\{monitor="pbx",phase="response"\} \d+$/m);
    assert.match(text, /^sockwarden_monitor_probes_total\{monitor="pbx",outcome="no-response"\} [3-9]$/m);
  });

  test("ask at most so many at once, and every one in its turn", async () => {
    let [open, most] = [0, 0];
    await using server = await tcpServer(
      (socket, request) => setTimeout(() => socket.write(responseTo(request, 200, "OK")), 20),
      (socket) => {
        open++;
        most = Math.max(most, open);
        socket.on("close", () => open--);
      },
    );
    const configs = Array.from({ length: 40 }, (_, i) => monitor(`m${i}`, `tcp:127.0.0.1:${server.port}`));
    await using watched = watch(configs, { concurrency: 4 });
    const { monitors } = watched;
    await until(
      () => monitors.snapshot().every(({ probes }) => probes >= 2),
      soon("two probes of each", 20_000),
    );
    // The server may see a connection close just after the next one has begun.
    assert.ok(most <= 8, `${most} at once`);
    assert.ok(monitors.load().running <= 4);
  });

  test("keep the memory of monitors that a new configuration leaves alone, and forget the others", async () => {
    await using server = await udpServer((send, request) => send(responseTo(request, 200, "OK")));
    const target = `udp:127.0.0.1:${server.port}`;
    await using watched = watch([monitor("kept", target), monitor("gone", target)]);
    const { monitors, registry } = watched;
    await until(() => monitors.snapshot().every(({ state }) => state === "up"), soon("both to be up"));
    const { probes } = monitors.snapshot()[0]!;
    assert.throws(() => monitors.configure([monitor("bad", "sip:[::1")]), MonitorError);
    assert.equal(monitors.snapshot().length, 2, "a wrong configuration changes nothing");
    monitors.configure([monitor("kept", target), monitor("new", target)]);
    assert.deepEqual(
      monitors.snapshot().map(({ name, state }) => [name, state]),
      [
        ["kept", "up"],
        ["new", null],
      ],
    );
    assert.ok(monitors.snapshot()[0]!.probes >= probes);
    assert.doesNotMatch(await registry.metrics(), /gone/);
  });

  test("end running probes when they are stopped, and leave no socket", async () => {
    const closed: Promise<unknown>[] = [];
    await using server = await tcpServer(
      () => {},
      (socket) => closed.push(once(socket, "close")),
    );
    await using watched = watch([monitor("slow", `tcp:127.0.0.1:${server.port}`, { timeoutMs: 60_000 })]);
    await until(() => closed.length === 1, soon("a connection"));
    await watched.monitors.stop();
    await Promise.all(closed);
    assert.deepEqual(watched.monitors.load(), { running: 0, waiting: 0 });
  });

  test("tell of a port that nobody listens on at the first probe", async () => {
    await using watched = watch([monitor("dead", `tcp:127.0.0.1:${await freePort()}`)]);
    await until(() => watched.changes.length === 1, soon("the first state"));
    const [{ from, to, text }] = watched.changes as [MonitorChange];
    assert.deepEqual({ from, to }, { from: null, to: "down" });
    assert.match(text, /connection refused/);
  });
});

/** The view of a guard that scanned a moment ago, of the listeners on a port. */
function viewOf({ listeners }: Census, port: number): MonitoredListener {
  const found = listeners.find(({ endpoints }) => endpoints.some((endpoint) => endpoint.port === port));
  const processes = found?.processes ?? [];
  const owner = processes.toSorted((a, b) => (b.fdUsed ?? 0) - (a.fdUsed ?? 0))[0];
  return {
    name: "sip",
    pressure: "calm",
    slots: null,
    used: found === undefined ? 0 : holdingCount(found.conduct),
    fdUsed: owner?.fdUsed ?? null,
    fdLimit: owner?.fdLimit ?? null,
    backlogs: (found?.endpoints ?? []).map(({ backlog }) => backlog),
    processes: processes.length,
    activeBans: 0,
    leaked: found?.conduct.leaked ?? 0,
    hoard: null,
  };
}

describe("a monitor on a real Kamailio", { skip: whyNoKamailio() ?? false }, () => {
  test("names the cause on this host: out of descriptors, then frozen, then gone; and when its certificate expires", async () => {
    await using server = await startKamailio({ algorithm: "MD5", descriptors: 96 });
    await using scanner = openScanner({ netns: null, thread: "inline" });
    const scan = () => scanner.scan({ ...EVERYTHING, ports: [server.port] }, Date.now());
    let view = viewOf(await scan(), server.port);
    const configs = [
      monitor("tcp", `tcp:127.0.0.1:${server.port}`, { listener: "sip" }),
      monitor("tls", `tls:127.0.0.1:${server.tlsPort}`, { timeoutMs: 1000 }),
    ];
    const tls = { ...testOptions().tls, ca: server.certificates.ca };
    await using watched = watch(configs, { listenerView: () => view, tls });
    const { monitors, registry } = watched;
    const tcp = () => monitors.snapshot()[0]!;
    const causeIs = async (cause: string | null) => {
      await until(
        async () => {
          view = viewOf(await scan(), server.port);
          return (
            (tcp().diagnosis?.cause ?? null) === cause && tcp().state === (cause === null ? "up" : "down")
          );
        },
        soon(`the cause ${cause}, not ${JSON.stringify(tcp())}`, 10_000),
      );
    };

    await causeIs(null);
    await until(() => monitors.snapshot()[1]!.certificateExpiresAt !== null, soon("a certificate"));
    const days = (monitors.snapshot()[1]!.certificateExpiresAt! - Date.now()) / 86_400_000;
    assert.ok(days > 29 && days <= 30, `${days} days`);
    assert.match(
      await registry.metrics(),
      /^sockwarden_monitor_certificate_expiry_seconds\{monitor="tls"\} \d{10}$/m,
    );

    const hoard = Array.from({ length: 120 }, () =>
      net.connect(server.port, "127.0.0.1").on("error", () => {}),
    );
    await causeIs("limit-too-low");
    assert.match(tcp().diagnosis!.text, /sip is out of descriptors: 9\d of 96 are used/);
    for (const socket of hoard) socket.destroy();
    await causeIs(null);

    const pids = (await scan()).listeners.flatMap(({ processes }) => processes.map(({ pid }) => pid));
    const signal = (name: NodeJS.Signals) => {
      for (const pid of new Set(pids)) process.kill(pid, name);
    };
    try {
      signal("SIGSTOP");
      await causeIs("program-not-accepting");
    } finally {
      signal("SIGCONT");
    }
    await causeIs(null);
    signal("SIGKILL");
    await causeIs("nothing-listens");
    assert.equal(tcp().outcome, "refused");
  });
});

describe("monitors of the daemon", () => {
  test("a service that is down is a health item with its cause, and none once it is back or is asked for no more", async () => {
    using folder = mkdtempDisposableSync(path.join(tmpdir(), "sockwarden-monitors-"));
    const port = await freePort();
    const file = path.join(folder.path, "sockwarden.yaml");
    const write = (monitors: string) =>
      writeFileSync(
        file,
        `stateDir: ${folder.path}/state\nsocket: ${folder.path}/s.sock\nlisteners:\n  - { name: sip, ports: [${port}], profile: sip }\n${monitors}`,
      );
    const pbx = `monitors:\n  - { name: pbx, target: "sip:127.0.0.1:${port};transport=tcp", every: 1s, timeout: 500ms, listener: sip }\n`;
    write(pbx);
    const child = spawn(process.execPath, [BIN, "run", "-c", file], { stdio: ["ignore", "pipe", "inherit"] });
    let log = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      log += text;
    });
    const ended = once(child, "close");
    const says = async (text: RegExp) => {
      await until(() => text.test(log) || child.exitCode !== null, soon(String(text), 15_000));
      assert.match(log, text);
    };
    try {
      await says(/pbx is down: connection refused.*nothing listens for sip any more/);
      const server = net.createServer((socket) => {
        socket.on("error", () => {});
        socket.on("data", (chunk) => socket.write(responseTo(readRequest(chunk), 200, "OK")));
      });
      server.listen(port, "127.0.0.1");
      await says(/monitor-pbx: well again/);
      const client = openClient({ socket: `${folder.path}/s.sock` });
      const shown = async () =>
        (await client.read("status")).monitors.map(({ name, state }) => [name, state]);
      assert.deepEqual(await shown(), [["pbx", "up"]]);
      server.close();
      write("");
      log = "";
      child.kill("SIGHUP");
      await says(/configuration read again/);
      assert.deepEqual(await shown(), []);
    } finally {
      child.kill("SIGTERM");
      await ended;
    }
    assert.doesNotMatch(log, /pbx is/);
  });
});
