// The screens of the live view. SOCKWARDEN_GOLDEN=write refreshes the fixtures; the diff is reviewed. Each begins with
// a line that says what it shows; the screen follows between two rules as wide as the terminal.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { followGrowth } from "../../census/index.ts";
import { noPaint } from "../output.ts";
import { renderLine } from "../terminal/line.ts";
import { assertGolden } from "../testing/golden.ts";
import { layout } from "./layout.ts";
import type { LiveScene, Size } from "./scene.ts";
import { hoardGrowth, scene, sketchedCensus } from "./testing/census.ts";
import { initialView, type ViewState } from "./view-state.ts";

const view = initialView(1000);
const hoard = scene(hoardGrowth());
const quiet = scene(followGrowth(null, sketchedCensus([], []), 0));

interface Golden {
  readonly file: string;
  readonly note: string;
  readonly state: ViewState;
  readonly scene: LiveScene;
  readonly size: Size;
}

const GOLDENS: readonly Golden[] = [
  {
    file: "hoard-80x24",
    note: "One source hoards a SIP server's descriptors: growth, time to full, a waiting queue.",
    state: view,
    scene: hoard,
    size: { width: 80, height: 24 },
  },
  {
    file: "hoard-120x40",
    note: "The same on a large screen.",
    state: view,
    scene: hoard,
    size: { width: 120, height: 40 },
  },
  {
    file: "hoard-40x10",
    note: "The same on a small screen: names, sums and shares stay.",
    state: view,
    scene: hoard,
    size: { width: 40, height: 10 },
  },
  {
    file: "hoard-20x5",
    note: "The same on a tiny screen.",
    state: view,
    scene: hoard,
    size: { width: 20, height: 5 },
  },
  {
    file: "ascii-100x20",
    note: "A locale without UTF-8; sorted by growth, reversed.",
    state: { ...view, sort: "growth", reversed: true },
    scene: { ...hoard, unicode: false },
    size: { width: 100, height: 20 },
  },
  {
    file: "filter-80x24",
    note: "A filter is applied and another is being typed; paused, late, and the last scan failed.",
    state: { ...view, filter: "198.51.100.", prompt: "198.51.100.1", paused: true, offset: 35 },
    scene: { ...hoard, lateMs: 1300, failure: "netlink: the kernel refused the dump (EPERM)" },
    size: { width: 80, height: 24 },
  },
  {
    file: "listeners-80x12",
    note: "Listeners only.",
    state: { ...view, listeners: "only" },
    scene: hoard,
    size: { width: 80, height: 12 },
  },
  {
    file: "help-80x24",
    note: "The help.",
    state: { ...view, help: true },
    scene: hoard,
    size: { width: 80, height: 24 },
  },
  {
    file: "nothing-80x10",
    note: "A machine where nothing listens.",
    state: view,
    scene: quiet,
    size: { width: 80, height: 10 },
  },
];

describe("the live view's screen", () => {
  for (const { file, note, state, scene, size } of GOLDENS) {
    it(`is as in fixtures/${file}.txt: ${note}`, () => {
      const { lines } = layout(state, scene, size);
      const rule = "=".repeat(size.width);
      const screen = lines.map((line) => renderLine(line, size.width, noPaint).trimEnd());
      const text = [note, rule, ...screen, rule].join("\n");
      assertGolden(text, new URL(`./fixtures/${file}.txt`, import.meta.url));
      assert.equal(lines.length, size.height);
    });
  }
});
