import assert from "node:assert/strict";
import { test } from "node:test";
import type { runProgram } from "../linux/index.ts";
import { BackendError } from "./backend-error.ts";
import { Iptables } from "./iptables.ts";
import { fakeSpec } from "./testing/values.ts";

interface Host {
  /** The output of `iptables --version`. */
  readonly version?: string;
  readonly saved?: string;
  readonly failing?: RegExp;
  readonly absent?: boolean;
}

/** A host whose programs give these answers. Each program that is run is written down, with its input. */
function host({ version = "iptables v1.8.9 (nf_tables)", saved = "", failing, absent = false }: Host = {}) {
  const ran: string[] = [];
  const state = { generation: 1, now: 0, jumps: true, disposed: 0 };
  const run: typeof runProgram = (argv, input) => {
    const command = argv.join(" ");
    ran.push(input === undefined ? command : `${command} < ${input.split("\n")[0]}`);
    if (absent) return null;
    const failed = failing?.test(command) === true || (argv.includes("-C") && !state.jumps);
    const stdout = argv.includes("--version") ? version : argv[0]!.endsWith("-save") ? saved : "";
    return { code: failed ? 1 : 0, stdout, stderr: failed ? "iptables: Permission denied" : "" };
  };
  const openSocket = () => ({
    generation: () => state.generation,
    [Symbol.dispose]: () => void state.disposed++,
  });
  return { ran, state, iptables: new Iptables({ run, openSocket, now: () => state.now }) };
}

test("applyAll() reads every table of both families, and changes only what is needed", () => {
  const { ran, iptables } = host();
  iptables.applyAll(fakeSpec());
  assert.deepEqual(ran, [
    "iptables-save -t raw",
    "iptables-restore -w 5 --noflush < *raw",
    "iptables-save -t filter",
    "ip6tables-save -t raw",
    "ip6tables-restore -w 5 --noflush < *raw",
    "ip6tables-save -t filter",
  ]);
});

test("taking away changes only tables that hold something of ours", () => {
  const { ran, iptables } = host({ saved: ":SOCKWARDEN - [0:0]\n" });
  iptables.apply(null, "raw", 4);
  assert.equal(ran.at(-1), "iptables-restore -w 5 --noflush < *raw");
  const empty = host();
  empty.iptables.applyAll(null);
  assert.ok(empty.ran.every((command) => command.includes("-save")));
});

test("a program that is missing or refuses is an error in words", () => {
  const absent = host({ absent: true });
  assert.throws(
    () => absent.iptables.applyAll(fakeSpec()),
    (error) =>
      error instanceof BackendError && error.code === "unavailable" && /package iptables/.test(error.message),
  );
  const denied = host({ failing: /restore/ });
  assert.throws(
    () => denied.iptables.applyAll(fakeSpec()),
    (error) => error instanceof BackendError && error.code === "denied",
  );
});

test("an iptables that keeps its rules in nf_tables tells of each change once, by the generation", () => {
  const { ran, state, iptables } = host();
  assert.equal(iptables.disturbed(), false, "before anything was seen");
  iptables.seen(fakeSpec());
  assert.equal(iptables.disturbed(), false);
  state.generation++;
  assert.deepEqual([iptables.disturbed(), iptables.disturbed()], [true, false]);
  state.generation++;
  iptables.seen(fakeSpec());
  assert.equal(iptables.disturbed(), false, "what was seen is ours");
  assert.deepEqual(ran, ["iptables --version"]);
  iptables[Symbol.dispose]();
  assert.equal(state.disposed, 1);
});

test("the older iptables is asked for our jumps every five seconds", () => {
  const { ran, state, iptables } = host({ version: "iptables v1.8.7 (legacy)" });
  iptables.seen(fakeSpec());
  ran.length = 0;
  state.jumps = false;
  state.now = 4999;
  assert.equal(iptables.disturbed(), false);
  assert.deepEqual(ran, []);
  state.now = 5000;
  assert.equal(iptables.disturbed(), true);
  assert.deepEqual(ran, ["iptables -w 5 -t raw -C PREROUTING -j SOCKWARDEN"]);
  state.jumps = true;
  state.now = 10_000;
  assert.equal(iptables.disturbed(), false);
  assert.equal(ran.at(-1), "ip6tables -w 5 -t raw -C PREROUTING -j SOCKWARDEN");
  iptables.seen(null);
  state.now = 20_000;
  assert.equal(iptables.disturbed(), false, "nothing is to stand");
});
