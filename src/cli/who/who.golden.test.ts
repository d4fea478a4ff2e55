// The output of `who` for people and programs.

import assert from "node:assert/strict";
import { test } from "node:test";
import { holdingCount } from "../../model/index.ts";
import { noPaint, type Paint } from "../output.ts";
import { scanNotes } from "../scan-verbs/notes.ts";
import { TOP_SOURCES } from "../scan-verbs/options.ts";
import { scanText } from "../scan-verbs/text.ts";
import { attackedServer, fakeCensus } from "../testing/census.ts";
import { assertGolden } from "../testing/golden.ts";
import { whoDocument } from "./document.ts";
import { groupText } from "./text.ts";

const fixture = (name: string): URL => new URL(`./fixtures/${name}`, import.meta.url);

function textOf(census: ReturnType<typeof attackedServer>, paint: Paint = noPaint): string {
  return scanText(whoDocument(census, { by: null, top: null }), TOP_SOURCES, paint);
}

test("who shows listeners and the largest sources", () =>
  assertGolden(textOf(attackedServer()), fixture("who.txt")));

test("who shows a machine where nothing listens", () => {
  assertGolden(textOf(fakeCensus([], [])), fixture("who-nothing.txt"));
});

test("who's JSON is the contract's document", () => {
  const json = JSON.stringify(whoDocument(attackedServer(), { by: null, top: 3 }), null, 2);
  assertGolden(json, fixture("who.json"));
});

for (const by of ["listener", "conduct"] as const) {
  test(`who --by ${by} counts the same connections otherwise`, () => {
    assertGolden(groupText(by, attackedServer(), noPaint), fixture(`who-by-${by}.txt`));
  });
}

test("who --by process shows the connections of each process, and those of none visible", () => {
  const { listeners } = attackedServer();
  const holders = [
    { process: listeners[0]!.processes[1]!, connections: 730, listeners: new Map([[0, 730]]) },
    {
      process: null,
      connections: 6,
      listeners: new Map([
        [0, 5],
        [1, 1],
      ]),
    },
  ];
  assertGolden(groupText("process", attackedServer({ holders }), noPaint), fixture("who-by-process.txt"));
});

test("in every document conduct sums to connections, half-open and closing ones", () => {
  const { listeners, sources } = whoDocument(attackedServer(), { by: null, top: null });
  for (const { connections, conduct } of [...listeners, ...sources]) {
    const all = Object.values(conduct).reduce((sum, n) => sum + n, 0);
    assert.equal(all, connections + conduct.halfOpen + conduct.closing);
    assert.equal(connections, holdingCount(conduct));
  }
});

test("top limits the sources of a document and nothing else", () => {
  const all = whoDocument(attackedServer(), { by: "source", top: null });
  const few = whoDocument(attackedServer(), { by: "source", top: 2 });
  assert.equal(few.sources.length, 2);
  assert.deepEqual(few.groups, few.sources);
  assert.deepEqual({ ...few, sources: [], groups: [] }, { ...all, sources: [], groups: [] });
});

test("notes say what could not be seen and what to do", () => {
  const census = attackedServer({
    hiddenProcesses: 40,
    consistent: false,
    losses: { truncated: 2, foreign: 0, unexpected: 0, malformed: 1, full: 0 },
  });
  assertGolden(scanNotes(census, [5060, 77]).join("\n"), fixture("who-notes.txt"));
  assert.deepEqual(scanNotes(fakeCensus([], []), null), []);
  assert.match(scanNotes(attackedServer(), null).join(), /^No visible process owns 1 listener:/);
});

test("a name with control characters cannot reach the terminal", () => {
  const census = attackedServer();
  const evil = {
    ...census,
    listeners: census.listeners.map((listener) => ({ ...listener, name: "\u001b[2Jevil:1\u009b" })),
  };
  const painted: Paint = (_style, text) => text;
  assert.doesNotMatch(textOf(evil, painted), /[\u001b\u009b]/);
});
