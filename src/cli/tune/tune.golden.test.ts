// The output of `tune` for people and programs.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Applied, RolledBack, TunePlan } from "../../tune/index.ts";
import { noPaint } from "../output.ts";
import { assertGolden } from "../testing/golden.ts";
import { applyDocument, planDocument } from "./document.ts";
import { accountPlan } from "./testing/plan.ts";
import { appliedText, dryRunText, planText, rolledBackText } from "./text.ts";

const fixture = (name: string): URL => new URL(`./fixtures/${name}`, import.meta.url);

const applied: Applied = {
  files: ["/etc/sysctl.d/90-sockwarden.conf", "/etc/systemd/system/kamailio.service.d/90-sockwarden.conf"],
  settings: [{ name: "net.ipv4.tcp_retries2", before: "5", now: "10" }],
  restart: ["kamailio.service"],
  journal: "/var/lib/sockwarden/tune.json",
};

const rolledBack: RolledBack = {
  found: true,
  restored: [
    { what: "net.ipv4.tcp_retries2", to: "5" },
    { what: "/etc/systemd/system/kamailio.service.d/90-sockwarden.conf", to: "absent" },
  ],
  left: [{ what: "net.core.somaxconn", is: "12345", before: "4096" }],
  reload: true,
};

test("tune plan shows the account's machine as a diff, with what is refused, overridden, reckoned and advised", () => {
  assertGolden(`${planText(accountPlan(), noPaint)}\n\n${dryRunText(accountPlan())}`, fixture("plan.txt"));
});

test("tune plan's JSON is the contract's document", () => {
  assertGolden(JSON.stringify(planDocument(accountPlan()), null, 2), fixture("plan.json"));
});

test("a machine that needs nothing gets a short answer", () => {
  const plan: TunePlan = {
    ...accountPlan(),
    changes: [],
    refused: [],
    overrides: [],
    advice: [],
    arithmetic: [],
    connections: 0,
    connectionsFrom: "unknown",
    perSecond: 0,
  };
  assertGolden(`${planText(plan, noPaint)}\n\n${dryRunText(plan)}`, fixture("nothing.txt"));
});

test("apply and rollback tell their changes, and the steps left", () => {
  const texts = [appliedText(applied, noPaint), rolledBackText(rolledBack, noPaint)];
  const nothing: RolledBack = { found: false, restored: [], left: [], reload: false };
  assertGolden([...texts, rolledBackText(nothing, noPaint)].join("\n\n"), fixture("done.txt"));
});

test("apply's document tells a dry run from the real thing", () => {
  const dry = JSON.parse(JSON.stringify(applyDocument(accountPlan(), null)));
  assert.deepEqual([dry.applied, dry.restart], [false, undefined]);
  const done = JSON.parse(JSON.stringify(applyDocument(accountPlan(), applied)));
  assert.deepEqual([done.applied, done.restart], [true, ["kamailio.service"]]);
});

test("names with control characters cannot reach the terminal", () => {
  const [change] = accountPlan().changes;
  const evil = { ...change!, what: "LimitNOFILE of \u001b[2Jx.service", why: "\u009bwhy" };
  assert.doesNotMatch(planText({ ...accountPlan(), changes: [evil] }, noPaint), /[\u001b\u009b]/);
});
