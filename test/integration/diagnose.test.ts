// The catalogue of situations, staged with real sockets and judged by the installed program: the cause that a situation
// is made for must come first.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  findProgram,
  labUnavailable,
  type Namespace,
  openLab,
  SITUATION_OPTIONS,
  SITUATIONS,
  type Situation,
} from "../../lab/index.ts";
import { CAUSES, type Cause } from "../../src/model/index.ts";
import { type Ran, sockwarden } from "./sockwarden.ts";

interface Diagnosed {
  readonly schema: number;
  readonly verdict: Cause;
  readonly causes: readonly {
    readonly cause: Cause;
    readonly confidence: number;
    readonly evidence: string;
    readonly advice: string;
  }[];
  readonly headroom: {
    readonly used: number;
    readonly slots: number | null;
    readonly perSecond: number;
    readonly secondsToFull: number | null;
  };
}

/** Stages a situation, runs `examine` in it while it goes on, and ends it. */
async function play<T>(
  situation: Situation,
  examine: (lab: Awaited<ReturnType<typeof openLab>>) => Promise<T>,
) {
  await using lab = await openLab();
  const goOn = await situation.stage(lab);
  const [result] = await Promise.all([examine(lab), goOn?.()]);
  return result;
}

function parse({ code, stdout, stderr }: Ran): Diagnosed {
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

function whyNot({ needs = [] }: Situation): string | false {
  const missing = needs.filter((program) => findProgram(program) === null);
  return missing.length === 0 ? false : `${missing.join(", ")} is not installed`;
}

// Each has its own namespaces; most of the time they wait.
const concurrency = 3;

describe("diagnose", { skip: labUnavailable() ?? false, concurrency }, () => {
  for (const situation of SITUATIONS) {
    const { name, story, expected, alsoNamed = [] } = situation;
    test(`${name}: ${story}: ${expected.join(" or ")}`, { skip: whyNot(situation) }, async () => {
      const ran = await play(situation, (lab) =>
        sockwarden(lab.victim, ["diagnose", "--json", ...SITUATION_OPTIONS]),
      );
      const { schema, verdict, causes, headroom } = parse(ran);
      assert.equal(schema, 1);
      assert.ok(expected.includes(verdict), JSON.stringify({ causes, headroom }, null, 2));
      assert.equal(verdict, causes[0]!.cause);
      const named = causes.map(({ cause }) => cause);
      for (const cause of alsoNamed) assert.ok(named.includes(cause as Cause), `${cause} among ${named}`);
    });
  }

  test("the text begins with the verdict in a sentence, and --fail-on makes it an exit code", async () => {
    const story = SITUATIONS.find(({ name }) => name === "story")!;
    const args = ["diagnose", "-p", "5060", ...SITUATION_OPTIONS];
    const [all, none, outside] = await play(story, (lab) =>
      Promise.all([
        sockwarden(lab.victim, [...args, "--fail-on", "critical"]),
        sockwarden(lab.victim, ["diagnose", "-p", "5999", "--seconds", "1", "--fail-on", "notice"]),
        process.getuid?.() === 0 ? sockwarden(null, [...args, "--netns", String(lab.victim.pid)]) : null,
      ]),
    );
    assert.equal(all.code, 1);
    assert.match(
      all.stdout,
      /^node \(pid \d+\) holds [\d ]+ of 1 024 descriptors; 5\d\d of its\s[\d\s]+connections belong to 10\./,
    );
    assert.match(all.stdout, /What to do:[\s\S]*ss -K dst 10\.[\d.]+ sport = :5060\n/);
    assert.match(all.stdout, /Headroom of node:5060: /);
    assert.equal(none.code, 0);
    assert.match(none.stderr, /Nothing listens on TCP port 5999/);
    if (outside !== null) assert.match(outside.stdout, /1\. single-source-hoard/);
  });
});

/** The program and arguments of an advised command; a quoted argument is one. */
function argvOf(line: string): string[] {
  return [...line.trim().matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare!);
}

const established = async (victim: Namespace, ...filter: readonly string[]): Promise<number> => {
  const text = await victim.read(["ss", "-tnH", "state", "established", ...filter]);
  return text === "" ? 0 : text.trimEnd().split("\n").length;
};

describe("the advised commands", { skip: labUnavailable() ?? false, concurrency: 2 }, () => {
  for (const name of ["story", "one-ipv6-network"]) {
    const skip = findProgram("nft") === null ? "nft is not installed" : false;
    test(`keep the hoarder of ${name} out and free what it holds, and nothing else`, { skip }, async () => {
      const situation = SITUATIONS.find((one) => one.name === name)!;
      await play(situation, async ({ victim }) => {
        const { stdout } = await sockwarden(victim, ["diagnose", ...SITUATION_OPTIONS]);
        const commands = stdout.split("\n").filter((line) => /^ {5}(nft|ss) /.test(line));
        const [keepOut, free, undo] = commands.map(argvOf) as [string[], string[], string[]];
        assert.equal(commands.length, 3, stdout);
        const hoarder = free.slice(free.indexOf("dst"), free.indexOf("sport"));
        const before = await established(victim);
        const held = await established(victim, ...hoarder);
        assert.ok(held >= 300, `${held} of ${before}`);
        await victim.read(keepOut);
        await victim.read(free);
        await sleep(300);
        assert.equal(await established(victim, ...hoarder), 0);
        assert.ok((await established(victim)) >= before - held);
        await victim.read(undo);
        assert.equal(await victim.read(["nft", "list", "tables"]), "");
      });
    });
  }
});

test("every situation of the catalogue expects causes that there are, and has a name of its own", () => {
  assert.ok(SITUATIONS.length >= 20);
  assert.equal(new Set(SITUATIONS.map(({ name }) => name)).size, SITUATIONS.length);
  for (const { expected } of SITUATIONS)
    for (const cause of expected) assert.ok((CAUSES as readonly string[]).includes(cause), cause);
});
