// Goal: the ledger answers as the simplest correct model does. Way: random sequences of a guard's calls, on a ledger
// and on plain arrays. In between the ledger is closed, or its files are copied as a kill at that moment would leave
// them.

import assert from "node:assert/strict";
import { copyFileSync, existsSync, rmSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { type Ban, banKeyText, formatNetwork, type Network } from "../model/index.ts";
import type { Ledger } from "./index.ts";
import { ban, MINUTE, NOW, network, type Place, sourceOf, tempPlace } from "./testing/ledger-kit.ts";

type Step =
  | {
      readonly do: "ban";
      readonly bans: readonly { readonly i: number; readonly minutes: number; readonly cap: boolean }[];
    }
  | { readonly do: "lift"; readonly i: number; readonly cap: boolean }
  | { readonly do: "evict"; readonly i: number; readonly count: number }
  | { readonly do: "allow" | "disallow"; readonly i: number }
  | { readonly do: "wait"; readonly minutes: number }
  | { readonly do: "restart" | "crash" | "prune" };

const i = fc.nat(5);
const minutes = fc.integer({ min: 1, max: 30 });
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc.record({
      do: fc.constant("ban" as const),
      bans: fc.array(fc.record({ i, minutes, cap: fc.boolean() }), { minLength: 1, maxLength: 4 }),
    }),
    fc.record({ do: fc.constant("lift" as const), i, cap: fc.boolean() }),
    fc.record({ do: fc.constant("evict" as const), i, count: fc.integer({ min: 1, max: 99 }) }),
    fc.record({ do: fc.constantFrom("allow" as const, "disallow" as const), i }),
    fc.record({ do: fc.constant("wait" as const), minutes }),
    fc.record({ do: fc.constantFrom("restart" as const, "crash" as const, "prune" as const) }),
  ),
  { maxLength: 30 },
);

/** The model: arrays and loops, with nothing remembered twice. */
class Model {
  nowMs = NOW;
  readonly terms: { ban: Ban; lifted: boolean; endedAt: number }[] = [];
  readonly evictions: { source: string; count: number; at: number }[] = [];
  readonly allowed = new Set<string>();

  standing(): (typeof this.terms)[number][] {
    return this.terms.filter(({ ban, endedAt }) => Math.min(ban.until, endedAt) > this.nowMs);
  }

  add(added: Ban): void {
    const same = this.terms.findIndex(
      ({ ban }) => banKeyText(ban) === banKeyText(added) && ban.since === added.since,
    );
    if (same >= 0) this.terms.splice(same, 1);
    this.end(added, false);
    this.terms.push({ ban: added, lifted: false, endedAt: Number.POSITIVE_INFINITY });
  }

  end(key: Ban, lifted: boolean): void {
    for (const term of this.standing()) {
      if (banKeyText(term.ban) === banKeyText(key)) Object.assign(term, { lifted, endedAt: this.nowMs });
    }
  }

  history(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { ban, lifted } of this.terms) {
      const source = formatNetwork(ban.source);
      if (!lifted) counts[source] = (counts[source] ?? 0) + 1;
    }
    return counts;
  }

  evictedOf({ source, since, until }: Ban): number {
    const minute = (at: number) => Math.floor(at / MINUTE);
    return this.evictions
      .filter((entry) => entry.source === formatNetwork(source))
      .filter(({ at }) => minute(at) >= minute(since) && at <= until)
      .reduce((sum, { count }) => sum + count, 0);
  }
}

/** Copies the files as they are on the disk at this moment: what SIGKILL leaves. Nobody has opened the copies before. */
function crash(place: Place, spare: Place): void {
  for (const name of ["ledger.db", "ledger.db-wal"]) {
    rmSync(`${spare.folder}/${name}`, { force: true });
    if (existsSync(`${place.folder}/${name}`))
      copyFileSync(`${place.folder}/${name}`, `${spare.folder}/${name}`);
  }
}

function restore(place: Place, spare: Place): void {
  for (const name of ["ledger.db", "ledger.db-wal"]) {
    rmSync(`${place.folder}/${name}`, { force: true });
    if (existsSync(`${spare.folder}/${name}`))
      copyFileSync(`${spare.folder}/${name}`, `${place.folder}/${name}`);
  }
}

function play(step: Step, model: Model, ledger: Ledger): void {
  const { nowMs } = model;
  if (step.do === "ban") {
    const bans = step.bans.map(({ i, minutes, cap }) =>
      ban(i, { kind: cap ? "cap" : "ban", since: nowMs, until: nowMs + minutes * MINUTE }),
    );
    ledger.addBans(bans, "guard", nowMs);
    for (const added of bans) model.add(added);
  } else if (step.do === "lift") {
    const key = ban(step.i, { kind: step.cap ? "cap" : "ban" });
    ledger.liftBans([key], nowMs, "operator");
    model.end(key, true);
  } else if (step.do === "evict") {
    const source = network(sourceOf(step.i));
    ledger.addEviction({ source, listener: "sip", rule: "overdue", count: step.count, at: nowMs });
    model.evictions.push({ source: sourceOf(step.i), count: step.count, at: nowMs });
  } else if (step.do === "allow") {
    ledger.allow(
      { network: network(sourceOf(step.i)), reason: null, connectionsPerSource: null },
      "o",
      nowMs,
    );
    model.allowed.add(sourceOf(step.i));
  } else if (step.do === "disallow") {
    assert.equal(
      ledger.disallow(network(sourceOf(step.i)), "o", nowMs),
      model.allowed.delete(sourceOf(step.i)),
    );
  } else if (step.do === "wait") {
    model.nowMs += step.minutes * MINUTE + 1;
  } else if (step.do === "prune") {
    ledger.prune(nowMs);
  }
}

function compare(model: Model, ledger: Ledger): void {
  const byKey = (a: Ban, b: Ban) => (banKeyText(a) < banKeyText(b) ? -1 : 1);
  const standing = model.standing().map(({ ban }) => ban);
  assert.deepEqual(ledger.activeBans(model.nowMs).sort(byKey), standing.sort(byKey));
  assert.deepEqual(
    Object.fromEntries(ledger.banHistory(0).map(({ source, bans }) => [source, bans])),
    model.history(),
  );
  for (const each of standing) assert.equal(ledger.evictedOf(each), model.evictedOf(each));
  const text = ({ network }: { network: Network }) => formatNetwork(network);
  assert.deepEqual(ledger.allowEntries().map(text).sort(), [...model.allowed].sort());
  assert.equal(ledger.health().ok, true);
}

test("random sequences of a guard's calls, with restarts and crashes, leave the same as a simple model", () => {
  fc.assert(
    fc.property(steps, (sequence) => {
      using place = tempPlace();
      using spare = tempPlace();
      const model = new Model();
      spare.open().close();
      let ledger = place.open();
      for (const step of sequence) {
        play(step, model, ledger);
        if (step.do === "crash") crash(place, spare);
        if (step.do === "restart" || step.do === "crash") ledger.close();
        if (step.do === "crash") restore(place, spare);
        if (step.do === "restart" || step.do === "crash") ledger = place.open({ nowMs: model.nowMs });
        compare(model, ledger);
      }
      ledger.close();
    }),
    { numRuns: 120 },
  );
});
