// who, top, diagnose and the daemon's status, side by side over the same server: all four tell the same number of slots
// and of connections. ss, /proc/PID/limits and /proc/PID/fd judge from outside.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { findProgram, type Lab, openLab, until } from "../../lab/index.ts";
import type { StatusDocument } from "../../src/client/index.ts";
import type { SlotUse } from "../../src/model/index.ts";
import { DaemonPlace, PORT, skipReason } from "./daemon-kit.ts";
import { type Ran, sockwarden } from "./sockwarden.ts";

const TLS_PORT = 5061;
const STATUS_TIMEOUT_MS = 20_000;

/** The numbers of each of the four for the listener at PORT. */
type Said = Readonly<Record<"who" | "top" | "diagnose" | "status", SlotUse>>;

interface Listener extends SlotUse {
  readonly name: string;
  readonly endpoints: readonly { readonly port: number }[];
}

function slotUse({ used, slots, slotsFrom, slotsWhere }: SlotUse): SlotUse {
  return { used, slots, slotsFrom, slotsWhere };
}

function documents<Document>({ code, stdout, stderr }: Ran): Document[] {
  assert.equal(code, 0, stderr);
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

function listenerAt(port: number, { listeners }: { readonly listeners: readonly Listener[] }): Listener {
  const found = listeners.find(({ endpoints }) => endpoints.some((endpoint) => endpoint.port === port));
  assert.ok(found, `a listener at ${port}`);
  return found;
}

/** The daemon scans when it must, so this asks for its status until it has seen `used` connections. */
async function statusOf(place: DaemonPlace, used: number): Promise<SlotUse> {
  let status: StatusDocument | null = null;
  const seen = async (): Promise<boolean> => {
    status = await place.json<StatusDocument>("status");
    return status.listeners[0]?.used === used;
  };
  await until(seen, { what: `status to say ${used}`, timeoutMs: STATUS_TIMEOUT_MS }).catch((cause) => {
    throw new Error(`status says ${JSON.stringify(status)}`, { cause });
  });
  return slotUse(status!.listeners[0]!);
}

/** Asks all four at once. `ports` are those of the daemon's listener, too. */
async function ask(place: DaemonPlace, ports: readonly number[], used: number): Promise<Said> {
  const { victim } = place.lab;
  const args = ["-p", ports.join(), "--json"];
  const [who, top, diagnose, status] = await Promise.all([
    sockwarden(victim, ["who", ...args]),
    sockwarden(victim, ["top", ...args, "--count", "2", "--interval", "500ms"]),
    sockwarden(victim, ["diagnose", ...args, "--seconds", "1"]),
    statusOf(place, used),
  ]);
  return {
    who: slotUse(listenerAt(PORT, documents<{ listeners: Listener[] }>(who)[0]!)),
    top: slotUse(listenerAt(PORT, documents<{ listeners: Listener[] }>(top)[1]!)),
    diagnose: slotUse(documents<{ headroom: SlotUse }>(diagnose)[0]!.headroom),
    status,
  };
}

/** Established connections of the ports by ss. */
async function establishedBySs(lab: Lab, ports: readonly number[]): Promise<number> {
  const filter = ports.map((port) => `sport = :${port}`).join(" or ");
  const text = await lab.victim.read(["ss", "-tnHO", "state", "established", filter]);
  return text.split("\n").filter((line) => line !== "").length;
}

interface Outside {
  readonly limit: number;
  readonly open: number;
}

/** A process's descriptors, by /proc. */
function descriptorsOf(pid: number): Outside {
  const [, limit] = /^Max open files\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/limits`, "utf8"))!;
  return { limit: Number(limit), open: readdirSync(`/proc/${pid}/fd`).length };
}

function reserveOf({ limit, open }: Outside, connections: number): number {
  return Math.max(32, Math.ceil(0.05 * limit), open - connections);
}

function sayTheSame(said: Said, expected: SlotUse): void {
  for (const [who, use] of Object.entries(said)) assert.deepEqual(use, expected, who);
}

async function observe(lab: Lab, listener: Readonly<Record<string, unknown>> = {}): Promise<DaemonPlace> {
  const place = new DaemonPlace(lab);
  const listeners = [{ name: "sip", ports: [PORT], profile: "sip", ...listener }];
  await place.start({ configuration: { mode: "observe", listeners } });
  return place;
}

function hold(lab: Lab, count: number, port: number = PORT) {
  const target = { address: lab.victimAddress4, port };
  return lab.hold({ behaviour: "silent", count, sources: { family: 4, addresses: 4 }, target });
}

describe("who, top, diagnose and status", { skip: skipReason() }, () => {
  const noKamailio = findProgram("kamailio") === null ? "kamailio is not installed" : false;

  test("tell Kamailio's tcp_max_connections, which is below its descriptors", {
    skip: noKamailio,
  }, async () => {
    await using lab = await openLab();
    await lab.kamailio({ connections: 60, descriptors: 20_000 });
    await using place = await observe(lab);
    await hold(lab, 40);
    const used = await establishedBySs(lab, [PORT]);
    assert.equal(used, 40);
    const said = await ask(place, [PORT], used);
    const { slotsWhere } = said.who;
    sayTheSame(said, { used, slots: 60, slotsFrom: "program", slotsWhere });
    assert.match(slotsWhere ?? "", /^tcp_max_connections in \/.*kamailio/);
  });

  test("tell the slots that a low RLIMIT_NOFILE leaves", async () => {
    await using lab = await openLab();
    const server = await lab.echo({ port: PORT, descriptors: 300 });
    await using place = await observe(lab);
    await hold(lab, 200);
    const used = await establishedBySs(lab, [PORT]);
    assert.equal(used, 200);
    const said = await ask(place, [PORT], used);
    const outside = descriptorsOf(server.pid);
    assert.equal(outside.limit, 300);
    const reserve = reserveOf(outside, used);
    const slotsWhere = `RLIMIT_NOFILE of pid ${server.pid} less a reserve of ${reserve}`;
    sayTheSame(said, { used, slots: 300 - reserve, slotsFrom: "descriptors", slotsWhere });
  });

  test("count the connections of all listeners of one owner, which share its slots", async () => {
    await using lab = await openLab();
    const server = await lab.echo({ port: [PORT, TLS_PORT], descriptors: 400 });
    await using place = await observe(lab, { ports: [PORT, TLS_PORT] });
    await Promise.all([hold(lab, 50), hold(lab, 30, TLS_PORT)]);
    const ports = [PORT, TLS_PORT];
    const used = await establishedBySs(lab, ports);
    assert.equal(used, 80);
    const said = await ask(place, ports, used);
    const reserve = reserveOf(descriptorsOf(server.pid), used);
    const slotsWhere = `RLIMIT_NOFILE of pid ${server.pid} less a reserve of ${reserve}`;
    sayTheSame(said, { used, slots: 400 - reserve, slotsFrom: "descriptors", slotsWhere });
  });

  test("tell the slots of workers that accept for themselves: their connections when the fullest is full", async () => {
    await using lab = await openLab();
    const server = await lab.echo({ port: PORT, descriptors: 400, processes: 3 });
    await using place = await observe(lab);
    await hold(lab, 300);
    const used = await establishedBySs(lab, [PORT]);
    assert.equal(used, 300);
    const said = await ask(place, [PORT], used);
    const fullest = Math.max(...server.pids.map((pid) => descriptorsOf(pid).open));
    assert.ok(fullest < used, "no worker has all");
    sayTheSame(said, { ...said.who, used, slots: Math.floor((400 - 32) * (used / fullest)) });
    assert.match(said.who.slotsWhere ?? "", /less a reserve of 32, times \d\.\d as its workers share them$/);
  });

  test("the daemon goes by a lower number that is configured", async () => {
    await using lab = await openLab();
    await lab.echo({ port: PORT, descriptors: 300 });
    await using place = await observe(lab, { slots: 70 });
    await hold(lab, 20);
    assert.deepEqual(await statusOf(place, 20), {
      used: 20,
      slots: 70,
      slotsFrom: "configured",
      slotsWhere: "slots of listener sip",
    });
  });
});
