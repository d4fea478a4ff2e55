import assert from "node:assert/strict";
import { test } from "node:test";
import type { ListenerStatus } from "../../api/index.ts";
import { listenerText } from "./text.ts";

const LISTENER: ListenerStatus = {
  name: "node:5060",
  pressure: "calm",
  connections: 80,
  used: 120,
  slots: 268,
  slotsFrom: "descriptors",
  slotsWhere: null,
  fdUsed: 145,
  fdLimit: 300,
  scanMs: 1,
  lastScanAt: null,
};

test("a listener's line has the same percents as status, who and top", () => {
  assert.equal(
    listenerText(LISTENER),
    "node:5060: 80 connections, 120 of 268 slots taken (44 %), 145 of 300 descriptors, calm",
  );
});

test("slots are full only when the last one is taken", () => {
  assert.match(listenerText({ ...LISTENER, used: 999, slots: 1000 }), /999 of 1000 slots taken \(99 %\)/);
});

test("what nobody knows is left out", () => {
  assert.equal(
    listenerText({ ...LISTENER, slots: null, fdUsed: null, connections: 1 }),
    "node:5060: 1 connection, calm",
  );
});
