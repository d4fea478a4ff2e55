// The output of `diagnose` for people and programs.

import assert from "node:assert/strict";
import { test } from "node:test";
import { diagnose } from "../../diagnose/index.ts";
import { observe, phones, source } from "../../diagnose/testing/observation.ts";
import { noPaint } from "../output.ts";
import { assertGolden } from "../testing/golden.ts";
import { diagnoseDocument } from "./document.ts";
import { diagnoseText } from "./text.ts";

const fixture = (name: string): URL => new URL(`./fixtures/${name}`, import.meta.url);

/** The account's server: one hoarder, and a leak beside it. */
const attacked = diagnose(
  observe({
    sources: [
      source({ source: "203.0.113.77", accepted: { mute: 684 }, grew: 34 }),
      source({ source: "192.0.2.9", accepted: { leaked: 40 } }),
      ...phones(228),
    ],
    descriptors: { used: 966, soft: 1024 },
  }),
);

test("diagnose shows the verdict in a sentence, then causes with numbers and what to do, then headroom", () => {
  assertGolden(diagnoseText(attacked, 100, noPaint), fixture("diagnose.txt"));
});

test("diagnose shows a healthy server", () => {
  assertGolden(diagnoseText(diagnose(observe()), 100, noPaint), fixture("diagnose-healthy.txt"));
});

test("diagnose's JSON is the contract's document", () => {
  assertGolden(JSON.stringify(diagnoseDocument(attacked), null, 2), fixture("diagnose.json"));
});

test("names of other programs cannot reach the terminal", () => {
  const evil = "\u001b[2Jevil\u009b";
  const diagnosis = diagnose(observe({ owner: { name: evil }, listener: { name: `${evil}:5060` } }));
  assert.doesNotMatch(diagnoseText(diagnosis, 100, noPaint), /[\u001b\u009b]/);
});

test("text keeps to the width where words allow it, and commands stay on one line", () => {
  const lines = diagnoseText(attacked, 60, noPaint).split("\n");
  const long = lines.filter((line) => line.length > 60);
  assert.ok(long.length > 0 && long.every((line) => /^ {5}(nft|ss|prlimit) /.test(line)), long.join("\n"));
});
