// The one judgement of a value, for the doctor and for plans.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { KNOWN_SETTINGS, TUNE_PROFILES, type TuneProfile } from "./known-settings.ts";
import { lookupIn } from "./sysctl-values.ts";
import { isHarmful, isRefused, type ValueContext, type ValueVerdict } from "./value-judgement.ts";
import { JUDGED_KEYS, judgeValue } from "./value-judges.ts";

const context = (rest: Partial<ValueContext> = {}): ValueContext => ({
  profile: "mobile",
  lookup: lookupIn(new Map()),
  place: "live",
  memoryBytes: 16 * 2 ** 30,
  pageBytes: 4096,
  ...rest,
});

const GIB = 2 ** 30 / 4096;

const DECIDED: readonly {
  readonly key: string;
  readonly value: string;
  readonly rest?: Partial<ValueContext>;
  readonly verdict: ValueVerdict;
  readonly because: string;
}[] = [
  {
    key: "fs.file-max",
    value: "1000000",
    rest: { place: "file" },
    verdict: "wrong",
    because: "any number lowers what systemd sets",
  },
  { key: "fs.file-max", value: "1000000", verdict: "keep", because: "it is room for every process" },
  {
    key: "fs.nr_open",
    value: "4096",
    verdict: "dangerous",
    because: "logins with a higher limit are refused",
  },
  { key: "fs.nr_open", value: "65536", verdict: "wrong", because: "it is below the kernel's own" },
  {
    key: "net.ipv4.tcp_syncookies",
    value: "0",
    verdict: "wrong",
    because: "it lets a SYN flood in, and ends nothing",
  },
  {
    key: "net.ipv4.tcp_timestamps",
    value: "0",
    verdict: "wrong",
    because: "it takes options from SYN cookies",
  },
  {
    key: "net.ipv4.tcp_abort_on_overflow",
    value: "1",
    verdict: "wrong",
    because: "it needs a full queue to harm",
  },
  { key: "net.ipv4.tcp_max_orphans", value: "1000", verdict: "wrong", because: "closes become resets" },
  {
    key: "net.ipv4.tcp_max_orphans",
    value: "1000",
    rest: { place: "file" },
    verdict: "wrong",
    because: "it is too low for machines of any size",
  },
  {
    key: "net.ipv4.tcp_max_tw_buckets",
    value: "180000",
    rest: { place: "file" },
    verdict: "wrong",
    because: "it lowers the limit of large machines",
  },
  {
    key: "net.ipv4.tcp_orphan_retries",
    value: "3",
    rest: { profile: "churn" },
    verdict: "dangerous",
    because: "4 is the least that is ever advised",
  },
  {
    key: "net.ipv4.tcp_orphan_retries",
    value: "4",
    verdict: "adjust",
    because: "phones are away for longer",
  },
  {
    key: "net.ipv4.tcp_orphan_retries",
    value: "4",
    rest: { profile: "churn" },
    verdict: "keep",
    because: "it is advised where orphans are many",
  },
  {
    key: "net.ipv4.tcp_rto_max_ms",
    value: "0",
    rest: { place: "file" },
    verdict: "wrong",
    because: "the kernel refuses it",
  },
  {
    key: "net.ipv4.tcp_retries2",
    value: "5",
    rest: { place: "file", lookup: lookupIn(new Map([["net.ipv4.tcp_rto_max_ms", "0"]])) },
    verdict: "dangerous",
    because: "beside a value that the kernel refuses it acts as ever",
  },
  {
    key: "net.ipv4.tcp_mem",
    value: `${3 * GIB} ${8 * GIB} ${12 * GIB}`,
    rest: { place: "file" },
    verdict: "dangerous",
    because: "it is three quarters of this machine's memory",
  },
  {
    key: "net.ipv4.tcp_mem",
    value: `${GIB} ${1.5 * GIB} ${2 * GIB}`,
    rest: { place: "file" },
    verdict: "keep",
    because: "it fits this machine, whose memory is known",
  },
  {
    key: "net.ipv4.tcp_mem",
    value: "1 2 3",
    rest: { place: "file", memoryBytes: null },
    verdict: "dangerous",
    because: "the machine that the file is for is not known",
  },
  {
    key: "net.netfilter.nf_conntrack_tcp_timeout_established",
    value: "7440",
    verdict: "dangerous",
    because: "keepalive asks after 7875 s only",
  },
  {
    key: "net.netfilter.nf_conntrack_tcp_timeout_established",
    value: "7440",
    rest: { lookup: lookupIn(new Map([["net.ipv4.tcp_keepalive_time", "600"]])) },
    verdict: "keep",
    because: "keepalive asks sooner",
  },
  {
    key: "net.netfilter.nf_conntrack_tcp_timeout_established",
    value: "7440",
    rest: { place: "file" },
    verdict: "keep",
    because: "the file does not tell what keepalive is",
  },
  {
    key: "net.netfilter.nf_conntrack_tcp_timeout_established",
    value: "7440",
    rest: { place: "file", lookup: lookupIn(new Map([["net.ipv4.tcp_keepalive_time", "7200"]])) },
    verdict: "dangerous",
    because: "the same file sets keepalive, which asks after 7875 s only",
  },
  {
    key: "net.netfilter.nf_conntrack_tcp_timeout_established",
    value: "3600",
    rest: { lookup: lookupIn(new Map([["net.ipv4.tcp_keepalive_time", "600"]])) },
    verdict: "dangerous",
    because: "RFC 5382 asks for 7440 s, keepalive or not",
  },
];

for (const { key, value, rest, verdict, because } of DECIDED) {
  const where = [rest?.place ?? "live", rest?.profile].filter((word) => word !== undefined).join(", ");
  test(`${key} = ${value} (${where}) is ${verdict}: ${because}`, () => {
    assert.equal(judgeValue(key, value, context(rest))?.verdict, verdict);
  });
}

test("a refused value does harm or nothing, and a value to adjust is not refused", () => {
  const kinds = (["keep", "adjust", "no-op", "obsolete", "wrong", "dangerous"] as const).map((verdict) => [
    isRefused({ verdict, text: "" }),
    isHarmful({ verdict, text: "" }),
  ]);
  assert.deepEqual(kinds, [
    [false, false],
    [false, false],
    [true, false],
    [true, false],
    [true, true],
    [true, true],
  ]);
});

test("every judged setting is a known one, and has a judgement of any numbers in every profile", () => {
  const known = KNOWN_SETTINGS.map(({ name }) => name).join(" ");
  for (const key of JUDGED_KEYS) {
    assert.ok(known.includes(key) || known.includes(key.slice(key.lastIndexOf(".") + 1)), key);
  }
  const profile = fc.constantFrom<TuneProfile>(...TUNE_PROFILES);
  const place = fc.constantFrom("live", "file" as const);
  const number = fc.oneof(fc.constantFrom(-1, 0, 1), fc.integer({ min: -1, max: 2 ** 40 }));
  const numbers = fc.array(number, { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(fc.constantFrom(...JUDGED_KEYS), numbers, profile, place, (key, values, who, where) => {
      const judged = judgeValue(
        key,
        values.join(" "),
        context({ profile: who, place: where as "live" | "file" }),
      );
      assert.ok(
        judged !== null && judged.text.length > 5 && !/NaN|undefined/.test(judged.text),
        judged?.text,
      );
    }),
    { numRuns: 1000 },
  );
});

test("a value that is no number is wrong, and a key that nobody knows is not judged", () => {
  assert.equal(judgeValue("net.core.somaxconn", "many", context())?.verdict, "wrong");
  assert.equal(judgeValue("constructor", "1", context()), null);
  assert.equal(judgeValue("net.ipv4.conf.eth0.rp_filter", "1", context())?.verdict, "adjust");
});
