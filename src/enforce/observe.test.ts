import assert from "node:assert/strict";
import { test } from "node:test";
import { openObserve } from "./observe.ts";
import { banText, fakeBan, fakeListener, fakeSpec, NOW, TERM_MS } from "./testing/values.ts";

/** A backend on a clock of its own, which is not that of the bans. */
function observing() {
  const clock = { ms: 5000 };
  const backend = openObserve(() => clock.ms);
  backend.setUp(fakeSpec({ listeners: [fakeListener("sip"), fakeListener("web")] }));
  return { clock, backend };
}

test("bans are kept until they end by the backend's own clock, and nobody counts packets", () => {
  const { clock, backend } = observing();
  backend.add([fakeBan("192.0.2.1"), fakeBan("192.0.2.2", { until: NOW + 1000 })], NOW);
  assert.deepEqual(
    backend.list().map((ban) => [banText(ban), ban.remainingMs, ban.packets]),
    [
      ["ban 192.0.2.1 *", TERM_MS, null],
      ["ban 192.0.2.2 *", 1000, null],
    ],
  );
  clock.ms += 1000;
  assert.deepEqual(backend.list().map(banText), ["ban 192.0.2.1 *"]);
});

test("adding again sets the new end, and a ban that is over is left out", () => {
  const { backend } = observing();
  backend.add([fakeBan("192.0.2.1")], NOW);
  backend.add([fakeBan("192.0.2.1", { until: NOW + 5 }), fakeBan("192.0.2.2", { until: NOW })], NOW);
  assert.deepEqual(
    backend.list().map(({ remainingMs }) => remainingMs),
    [5],
  );
});

test("a listener that goes takes its bans along; bans on all listeners stay", () => {
  const { backend } = observing();
  backend.add([fakeBan("192.0.2.1", { listener: "web" }), fakeBan("192.0.2.1")], NOW);
  backend.setUp(fakeSpec({ listeners: [fakeListener("sip")] }));
  assert.deepEqual(backend.list().map(banText), ["ban 192.0.2.1 *"]);
});

test("a ban that no backend can hold is refused here, too", () => {
  const { backend } = observing();
  const bans = [fakeBan("0.0.0.0/0"), fakeBan("192.0.2.1", { listener: "nobody" }), fakeBan("192.0.2.1")];
  const { done, failed } = backend.add(bans, NOW);
  assert.equal(done, 1);
  assert.deepEqual(failed.map(({ error }) => error.message).sort(), [
    "keep bans in mind: 0.0.0.0/0: that is everybody: close the port instead",
    "keep bans in mind: 192.0.2.1: no listener named nobody is guarded",
  ]);
});

test("bans can be removed and torn down, and nobody disturbs them", () => {
  const { backend } = observing();
  backend.add([fakeBan("192.0.2.1"), fakeBan("192.0.2.2")], NOW);
  assert.deepEqual(backend.remove([fakeBan("192.0.2.1"), fakeBan("192.0.2.9")]), { done: 2, failed: [] });
  assert.equal(backend.list().length, 1);
  assert.equal(backend.disturbed(), false);
  backend.tearDown();
  assert.deepEqual(backend.list(), []);
  assert.throws(() => backend.add([fakeBan("192.0.2.1")], NOW), /before setUp/);
});
