// The output of the verbs that change something and of all verbs in observe; nothing in it commands the terminal.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { DoneDocument, StatusDocument } from "../../client/index.ts";
import { ALLOW_WORDS } from "../allow/text.ts";
import { BAN_WORDS } from "../ban/text.ts";
import { bansText } from "../bans/text.ts";
import { DISALLOW_WORDS } from "../disallow/text.ts";
import { EVICT_WORDS } from "../evict/text.ts";
import { explainText } from "../explain/text.ts";
import { noPaint } from "../output.ts";
import { statusReport } from "../status/nagios.ts";
import { statusText } from "../status/text.ts";
import { assertGolden } from "../testing/golden.ts";
import { UNBAN_WORDS, unbanAllText } from "../unban/text.ts";
import { doneText, failureLines } from "./done-text.ts";
import { attacked, ban, bans, explained, NOW } from "./testing/documents.ts";

const fixture = (name: string): URL => new URL(`./fixtures/${name}`, import.meta.url);

const WORDS = {
  ban: BAN_WORDS,
  unban: UNBAN_WORDS,
  allow: ALLOW_WORDS,
  disallow: DISALLOW_WORDS,
  evict: EVICT_WORDS,
};

const EVIL = "\u001b[2Jevil\u009b|'x'\n\u202e";

test("changes are told one by one where they are few, and counted where they are many", () => {
  const few: DoneDocument = {
    schema: 1,
    done: [
      { source: "192.0.2.1", changed: true, evicted: 12 },
      { source: "192.0.2.2", changed: true, evicted: 1 },
      { source: "192.0.2.3", changed: false, evicted: 0 },
    ],
    failed: [{ source: "192.0.2.66", error: "it is the peer of a logged-in SSH session" }],
  };
  const many: DoneDocument = {
    schema: 1,
    done: Array.from({ length: 30 }, (_, i) => ({ source: `192.0.2.${i}`, changed: i > 4, evicted: 2 })),
    failed: Array.from({ length: 25 }, (_, i) => ({ source: `198.51.100.${i}`, error: "it is allowed" })),
  };
  const none: DoneDocument = { schema: 1, done: [], failed: [] };
  const blocks = Object.entries(WORDS).map(([verb, words]) =>
    [verb, doneText(words, few), doneText(words, many), doneText(words, none)].join("\n"),
  );
  blocks.push(["unban --all", unbanAllText(many), unbanAllText(none)].join("\n"));
  blocks.push(["failures", ...failureLines(few), ...failureLines(many)].join("\n"));
  assertGolden(blocks.join("\n\n"), fixture("changes.txt"));
});

test("a daemon that observes is not said to have banned or evicted", () => {
  const done: DoneDocument = {
    schema: 1,
    done: [
      { source: "203.0.113.77", changed: true, evicted: 684 },
      { source: "203.0.113.78", changed: false, evicted: 0 },
    ],
    failed: [],
  };
  const many = { ...done, done: Array.from({ length: 30 }, () => done.done[0]!) };
  const evicted = { ...done, done: [{ source: "203.0.113.77", changed: false, evicted: 684 }] };
  const blocks = [
    doneText(BAN_WORDS, done, "observe"),
    doneText(BAN_WORDS, many, "observe"),
    doneText(EVICT_WORDS, evicted, "observe"),
    bansText(bans, 50, NOW, noPaint, "observe"),
    explainText(explained, NOW, noPaint, "observe"),
  ];
  assertGolden(blocks.join("\n\n"), fixture("observe.txt"));
});

test("foreign text cannot reach the terminal, nor break a line or the performance data", () => {
  const status: StatusDocument = {
    ...attacked,
    version: EVIL,
    listeners: attacked.listeners.map((listener) => ({ ...listener, name: EVIL })),
    health: attacked.health.map((item) => ({ ...item, code: EVIL, text: EVIL })),
  };
  const foreign = ban(EVIL, { reason: EVIL, rule: EVIL, listener: EVIL });
  const texts = [
    statusText(status, NOW, noPaint),
    bansText({ schema: 1, bans: [foreign] }, 1, NOW, noPaint),
    doneText(BAN_WORDS, { schema: 1, done: [{ source: EVIL, changed: true }], failed: [] }),
    ...failureLines({ schema: 1, done: [], failed: [{ source: EVIL, error: EVIL }] }),
    explainText(
      { ...explained, source: EVIL, ban: foreign, matches: [{ rule: EVIL, would: EVIL, because: EVIL }] },
      NOW,
      noPaint,
    ),
  ];
  for (const text of texts) assert.doesNotMatch(text, /[\u001b\u009b\u202e]/);
  assert.equal(bansText({ schema: 1, bans: [foreign] }, 1, NOW, noPaint).split("\n").length, 4);
  assert.match(statusReport(status).line, /^[^|\n]*\|[^|\n]*$/);
  assert.match(statusReport(status).line, /'\?\[2Jevil\?__x_\?\? connections'=1904;;;0;2048/);
});
