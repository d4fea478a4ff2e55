import assert from "node:assert/strict";
import { test } from "node:test";
import { type BanKey, formatNetwork, parseNetwork } from "../model/index.ts";
import { BackendError } from "./backend-error.ts";
import { changeInChunks, type KernelAnswer, sortOut } from "./chunked-change.ts";

const OK: KernelAnswer = { errno: 0, text: "" };

function keys(count: number, network: (i: number) => string = (i) => `10.0.${i >> 8}.${i & 255}`): BanKey[] {
  return Array.from({ length: count }, (_, i) => ({
    source: parseNetwork(network(i))!,
    listener: null,
    kind: "ban",
  }));
}

test("bans go to the kernel by set, hundreds at a time", () => {
  const sizes: number[] = [];
  const bans = [...keys(1200), ...keys(3, (i) => `2001:db8:${i}::/48`)];
  const changed = changeInChunks("add", bans, (_, some) => {
    sizes.push(some.length);
    return OK;
  });
  assert.deepEqual(changed, { done: 1203, failed: [] });
  assert.deepEqual(sizes, [500, 500, 200, 3]);
});

test("a ban that the kernel refuses does not lose the others of its chunk", () => {
  const bad = "10.0.1.7";
  const held = new Set<string>();
  let calls = 0;
  const changed = changeInChunks("add", keys(600), (_, some) => {
    calls++;
    const texts = some.map(({ source }) => formatNetwork(source));
    if (texts.includes(bad)) return { errno: 22, text: "it did not like that" };
    for (const text of texts) held.add(text);
    return OK;
  });
  assert.equal(changed.done, 599);
  assert.equal(held.size, 599);
  assert.ok(calls < 30, `${calls} calls`);
  assert.equal(changed.failed[0]?.error.message, `add: ${bad}: it did not like that`);
});

test("an errno that is no failure of one ban is none of many", () => {
  const gone = { errno: 2, text: "not there" };
  const changed = changeInChunks("remove", keys(20), () => gone, { done: 2 });
  assert.deepEqual(changed, { done: 20, failed: [] });
});

test("if the set itself is gone, every ban is told and none is tried alone", () => {
  let calls = 0;
  const gone = (): KernelAnswer => {
    calls++;
    return { errno: 2, text: "no such set" };
  };
  const { done, failed } = changeInChunks("add", keys(600), gone, { hopeless: 2 });
  assert.deepEqual([done, failed.length, calls], [0, 600, 2]);
});

test("without the right to change anything, it ends at once and says what is missing", () => {
  let calls = 0;
  const denied = (): KernelAnswer => {
    calls++;
    return { errno: 1, text: "no" };
  };
  assert.throws(
    () => changeInChunks("add", keys(600), denied),
    (error) =>
      error instanceof BackendError && error.code === "denied" && /CAP_NET_ADMIN/.test(error.message),
  );
  assert.equal(calls, 1);
});

test("a ban of everybody, or of an unknown listener, is sorted out", () => {
  const bans: BanKey[] = [
    ...keys(1),
    ...keys(1, () => "::/0"),
    { ...keys(1)[0]!, listener: "nobody" },
    { ...keys(1)[0]!, listener: "sip" },
  ];
  const { fit, failed } = sortOut("add", bans, new Set(["sip"]));
  assert.deepEqual([fit.length, failed.length], [2, 2]);
});
