import assert from "node:assert/strict";
import { test } from "node:test";
import type { EvictedConnections } from "../enforce/index.ts";
import { parseNetwork, type RuleName } from "../model/index.ts";
import { fakeBan } from "./fakes.ts";
import type { ScanSummary } from "./news.ts";
import { NewsBook } from "./news-book.ts";

const ENFORCES = { observes: false, cpuMs: 12 };
const OBSERVES = { observes: true, cpuMs: 12 };

const evicted = (source: string, rule: RuleName = "shed"): EvictedConnections => ({
  source: parseNetwork(source)!,
  listener: "sip",
  rule,
  count: 3,
});

const summary = (at: number): ScanSummary => ({ at }) as Partial<ScanSummary> as ScanSummary;

test("news is told once: after take() there is none", () => {
  const book = new NewsBook();
  assert.equal(book.take(ENFORCES), null);
  book.banned([fakeBan("192.0.2.1")]);
  book.health({ code: "scan", severity: "critical", text: "no kernel" });
  const news = book.take(ENFORCES)!;
  assert.deepEqual([news.bans.length, news.health.length, news.findings.length], [1, 1, 0]);
  assert.deepEqual([news.scanned, news.cpuMs, news.observes], [null, 12, false]);
  assert.equal(book.take(ENFORCES), null);
});

test("the last of several scans is told, and all are counted", () => {
  const book = new NewsBook();
  for (const at of [1, 2, 3]) book.scanned(summary(at));
  const { scanned, scans } = book.take(ENFORCES)!;
  assert.deepEqual([scanned!.at, scans], [3, 3]);
  book.scanned(summary(4));
  assert.equal(book.take(ENFORCES)!.scans, 4);
});

test("in observe the same eviction is told once for each rule and source, until it is forgotten", () => {
  const book = new NewsBook();
  const all = [evicted("192.0.2.1"), evicted("192.0.2.2"), evicted("192.0.2.1", "banned")];
  book.evicted(all, OBSERVES);
  book.evicted(all, OBSERVES);
  assert.deepEqual(book.take(OBSERVES)!.evictions, all);
  book.evicted(all, OBSERVES);
  assert.equal(book.take(OBSERVES), null);
  book.forget();
  book.evicted(all, OBSERVES);
  assert.equal(book.take(OBSERVES)!.evictions.length, 3);
});

test("real evictions are told each time", () => {
  const book = new NewsBook();
  for (let i = 0; i < 3; i++) book.evicted([evicted("192.0.2.1")], ENFORCES);
  assert.equal(book.take(ENFORCES)!.evictions.length, 3);
});

test("told evictions are remembered up to a bound, and then told once more", () => {
  const book = new NewsBook();
  const many = Array.from({ length: 10_000 }, (_, i) => evicted(`10.0.${i >> 8}.${i & 255}`));
  book.evicted(many, OBSERVES);
  book.evicted([evicted("192.0.2.1"), many[0]!], OBSERVES);
  assert.equal(book.take(OBSERVES)!.evictions.length, 10_002);
});
