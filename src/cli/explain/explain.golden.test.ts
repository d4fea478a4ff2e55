// The output of `explain`.

import { test } from "node:test";
import type { ExplainDocument } from "../../client/index.ts";
import { at, ban, explained, NOW } from "../daemon-verbs/testing/documents.ts";
import { noPaint } from "../output.ts";
import { assertGolden } from "../testing/golden.ts";
import { explainText } from "./text.ts";

const fixture = (name: string): URL => new URL(`./fixtures/${name}`, import.meta.url);

test("explain answers as one would a person", () => {
  assertGolden(explainText(explained, NOW, noPaint), fixture("explain.txt"));
});

test("explain has nothing to say of a stranger, and tells why a friend is exempt", () => {
  const stranger: ExplainDocument = {
    schema: 1,
    source: "192.0.2.1",
    connections: [],
    standing: [],
    matches: [],
  };
  const friend: ExplainDocument = {
    ...stranger,
    ban: ban("192.0.2.1", { listener: null, packets: null, reason: "" }),
    allow: {
      source: "192.0.2.0/24",
      reason: "carrier trunk",
      connectionsPerSource: 500,
      from: "operator",
      since: at(-3600),
    },
  };
  const texts = [stranger, friend].map((document) => explainText(document, NOW, noPaint));
  assertGolden(texts.join("\n\n----\n\n"), fixture("explain-stranger-friend.txt"));
});
