import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { advisedValue } from "./advised.ts";
import { TUNE_PROFILES } from "./known-settings.ts";
import { remediesOf } from "./remedies.ts";
import { lookupIn } from "./sysctl-values.ts";
import { isRefused, type ValueContext } from "./value-judgement.ts";
import { JUDGED_KEYS, judgeValue } from "./value-judges.ts";

const FLOWS = "net.netfilter.nf_conntrack_tcp_timeout_established";
const RETRIES = "net.ipv4.tcp_retries2";
const LONGEST = "net.ipv4.tcp_rto_max_ms";

function context(profile: ValueContext["profile"], live: Readonly<Record<string, string>>): ValueContext {
  const lookup = lookupIn(new Map(Object.entries(live)));
  return { profile, lookup, place: "live", memoryBytes: 16 * 2 ** 30, pageBytes: 4096 };
}

test("a value is replaced by the advised one", () => {
  assert.deepEqual(remediesOf(RETRIES, "5", context("trunk", {})), [{ key: RETRIES, value: "8" }]);
});

test("the advised value at fault is not advised again, but keepalive, which makes it harmful", () => {
  const remedies = remediesOf(FLOWS, "7440", context("churn", { "net.ipv4.tcp_keepalive_time": "7200" }));
  assert.deepEqual(
    remedies.map(({ key }) => key),
    ["time", "intvl", "probes"].map((part) => `net.ipv4.tcp_keepalive_${part}`),
  );
});

test("with a low longest timeout the advised retries alone would do harm", () => {
  assert.deepEqual(remediesOf(RETRIES, "15", context("mobile", { [LONGEST]: "1000" })), [
    { key: LONGEST, value: null },
    { key: RETRIES, value: "10" },
  ]);
});

test("whatever the machine: a value that is remedied as advised is no longer refused", () => {
  const values = fc.record({
    [RETRIES]: fc.integer({ min: 0, max: 20 }).map(String),
    [LONGEST]: fc.constantFrom("1000", "10000", "120000"),
    [FLOWS]: fc.constantFrom("5", "7440", "432000"),
    "net.ipv4.tcp_keepalive_time": fc.constantFrom("60", "7200", "86400"),
  });
  const key = fc.constantFrom(...JUDGED_KEYS.filter((each) => advisedValue(each, "mobile") !== null));
  fc.assert(
    fc.property(key, fc.constantFrom(...TUNE_PROFILES), values, (name, profile, live) => {
      const value = live[name as keyof typeof live] ?? "1";
      const after: Record<string, string> = { ...live, [name]: value };
      for (const remedy of remediesOf(name, value, context(profile, live))) {
        if (remedy.value === null) delete after[remedy.key];
        else after[remedy.key] = remedy.value;
      }
      if (advisedValue(name, profile) === null) return;
      const judged = judgeValue(name, after[name]!, context(profile, after));
      assert.ok(judged === null || !isRefused(judged), `${name} ${after[name]}: ${judged?.text}`);
    }),
  );
});
