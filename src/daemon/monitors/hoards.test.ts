import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Finding } from "../../model/index.ts";
import { Hoards } from "./hoards.ts";

const NOW = 1_000_000;
const SLOTS = 1000;

const finding = (different: Partial<Finding>): Finding => ({
  rule: "overdue",
  severity: "notice",
  listener: "sip",
  source: "192.0.2.66",
  text: "what was seen",
  numbers: {},
  ...different,
});

function hoardAfter(findings: readonly Finding[], { at = NOW, slots = SLOTS as number | null } = {}) {
  const hoards = new Hoards();
  for (const one of findings) hoards.note(one, at);
  return hoards.of("sip", slots, NOW);
}

const many = (count: number, different: Partial<Finding>): Finding[] =>
  Array.from({ length: count }, (_, i) => finding({ source: `10.0.${i >> 8}.${i & 255}`, ...different }));

describe("Hoards", () => {
  test("a few connections past their time are no hoard", () => {
    assert.equal(hoardAfter([finding({ numbers: { silent: 2, shut: 0, unanswered: 0 } })]), null);
    assert.equal(hoardAfter(many(9, { numbers: { silent: 2, shut: 1 } })), null);
  });

  test("many of them are a hoard, of the source that has most of them", () => {
    const numbers = { silent: 50, shut: 10, unanswered: 0 };
    assert.deepEqual(hoardAfter([finding({ numbers })]), {
      cause: "single-source-hoard",
      text: "192.0.2.66: what was seen",
    });
    assert.equal(hoardAfter(many(30, { numbers: { silent: 2, shut: 0 } }))?.cause, "distributed-hoard");
    const network: Partial<Finding> = {
      rule: "unproven-per-network",
      source: "10.0.0.0/24",
      numbers: { overdue: 90, sources: 30 },
    };
    assert.equal(hoardAfter([finding(network)])?.cause, "distributed-hoard");
  });

  test("a carrier's phones that vanish all at once are no hoard", () => {
    assert.equal(hoardAfter(many(300, { numbers: { silent: 0, shut: 0, unanswered: 1, evicted: 1 } })), null);
  });

  test("no hoard comes of a small part of the slots, a finding about nobody, or one of a minute ago", () => {
    const held = finding({ rule: "rise", numbers: { held: 200 } });
    assert.equal(hoardAfter([held])?.cause, "single-source-hoard");
    assert.equal(hoardAfter([held], { slots: null })?.cause, "single-source-hoard");
    assert.equal(hoardAfter([held], { slots: 10_000 }), null);
    assert.equal(hoardAfter([held], { at: NOW - 60_000 }), null);
    assert.equal(hoardAfter([finding({ rule: "leaked", source: null, numbers: { leaked: 600 } })]), null);
    assert.equal(hoardAfter([finding({ listener: "mqtt", rule: "rise", numbers: { held: 200 } })]), null);
  });

  test("a source's latest finding counts, not the sum of all", () => {
    const again = Array.from({ length: 9 }, () => finding({ rule: "shed", numbers: { evicted: 10 } }));
    assert.equal(hoardAfter(again), null);
  });

  test("the memory is bounded", () => {
    const flood = many(5000, { rule: "shed", numbers: { evicted: 1 } });
    assert.equal(hoardAfter(flood, { slots: 20_001 }), null, "a thousand sources of 5 % of 20 001 slots");
    assert.equal(hoardAfter(flood, { slots: 20_000 })?.cause, "distributed-hoard");
  });
});
