import assert from "node:assert/strict";
import { test } from "node:test";
import { deleting, type runProgram } from "../linux/index.ts";
import { OwnTable, type TableSocket } from "./nftables-table.ts";

/** A kernel whose generation rises by `step` with each change of ours. */
function kernel({ code = 0, stderr = "", absent = false } = {}) {
  const state = { generation: 10, step: 1, argv: [] as (readonly string[])[] };
  const socket: TableSocket = {
    generation: () => state.generation,
    sets: () => [],
    chains: () => [],
    elements: () => [],
    change: () => {
      state.generation += state.step;
      return { errno: 0, words: null };
    },
    [Symbol.dispose]: () => {},
  };
  const run: typeof runProgram = (argv) => {
    state.argv.push(argv);
    if (absent) return null;
    state.generation += state.step;
    return { code, stdout: "", stderr };
  };
  return { state, table: new OwnTable(socket, run) };
}

const change = [deleting([])];

test("nothing is disturbed before it watches", () => {
  const { state, table } = kernel();
  state.generation++;
  assert.equal(table.disturbed(), false);
});

test("our own changes disturb nothing, whether they change something or not", () => {
  const { state, table } = kernel();
  table.watch();
  for (const step of [1, 0, 1]) {
    state.step = step;
    table.change("ban4_32_all", change);
    table.run("set up", ["add table inet sockwarden"]);
    assert.equal(table.disturbed(), false);
  }
});

test("somebody else's change is told once: between two questions, before a change of ours, or during it", () => {
  const { state, table } = kernel();
  table.watch();
  state.generation++;
  assert.deepEqual([table.disturbed(), table.disturbed()], [true, false]);
  state.generation++;
  table.change("ban4_32_all", change);
  assert.deepEqual([table.disturbed(), table.disturbed()], [true, false]);
  state.step = 2;
  table.change("ban4_32_all", change);
  assert.deepEqual([table.disturbed(), table.disturbed()], [true, false]);
});

test("watching again does not forget a change that was not told yet", () => {
  const { state, table } = kernel();
  table.watch();
  state.generation++;
  table.watch();
  assert.equal(table.disturbed(), true);
});

test("commands go to nft as a few long arguments, none longer than the kernel takes", () => {
  const { state, table } = kernel();
  const commands = Array.from(
    { length: 4000 },
    (_, i) => `add set inet sockwarden ban4_32_x${i} { type ipv4_addr; }`,
  );
  assert.equal(table.run("set up", commands), null);
  const [program, ...texts] = state.argv[0]!;
  assert.equal(program, "nft");
  assert.equal(texts.join(""), commands.map((command) => `${command}\n`).join(""));
  assert.ok(texts.length < 10 && texts.every((text) => text.length < 128 * 1024));
});

test("a refusal of nft is an answer, a missing nft is thrown", () => {
  const refusing = kernel({ code: 1, stderr: "Error: Could not process rule: File exists" });
  assert.match(
    refusing.table.run("set up nftables", ["add table inet x"])!.message,
    /set up nftables: .*File exists/,
  );
  const absent = kernel({ absent: true });
  assert.throws(
    () => absent.table.run("set up nftables", []),
    /there is no nft on this host: install the package nftables/,
  );
});
