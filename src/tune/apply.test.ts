// Apply and rollback on made-up machines: exact, whatever happens in between.

import assert from "node:assert/strict";
import { readFileSync, rmSync, symlinkSync } from "node:fs";
import { after, test } from "node:test";
import { type Applied, applyTune } from "./apply.ts";
import { journalPath } from "./journal.ts";
import type { TunePlace } from "./place.ts";
import { rollbackTune } from "./rollback.ts";
import { diskMachine, NOW, placeOf, STATE, tunedFacts, tunedFiles, tunedPlan } from "./testing/place.ts";
import { Crash, crashing, delegate, failing, MemoryTree, pictureOf } from "./testing/trees.ts";
import { DISK_TREE, type Tree } from "./tree.ts";
import { TuneError } from "./tune-error.ts";
import type { TunePlan } from "./tune-plan.ts";

const OPTIONS = { now: NOW, writeSettingsFile: true };
const apply = (place: TunePlace, plan: TunePlan = tunedPlan()): Applied =>
  applyTune(plan, tunedFacts(), place, OPTIONS);
const rollback = (place: TunePlace, force = false) => rollbackTune(place, { force });

function memoryMachine(): MemoryTree {
  const tree = new MemoryTree();
  for (const { path, text, mode } of tunedFiles()) tree.add(path, text, mode);
  tree.add(`${STATE}/ledger.db`, "something else of ours");
  return tree;
}

const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function newMachine(): string {
  folders.push(diskMachine());
  return folders.at(-1)!;
}

/** True when the crash came before the end. */
function crashes(run: () => void): boolean {
  try {
    run();
    return false;
  } catch (error) {
    if (error instanceof Crash) return true;
    throw error;
  }
}

test("apply writes one sysctl file and a drop-in a unit, sets the values, and says what needs a restart", () => {
  const root = newMachine();
  const applied = apply(placeOf(DISK_TREE, root));
  assert.deepEqual(
    applied.files.map((file) => file.slice(root.length)),
    [
      "/etc/sysctl.d/90-sockwarden.conf",
      "/etc/systemd/system/kamailio.service.d/90-sockwarden.conf",
      "/etc/systemd/system/mosquitto.service.d/90-sockwarden.conf",
    ],
  );
  assert.deepEqual(applied.restart, ["kamailio.service", "mosquitto.service"]);
  const text = readFileSync(`${root}/etc/sysctl.d/90-sockwarden.conf`, "utf8");
  for (const { name, now } of applied.settings) {
    assert.match(text, new RegExp(`^-?${name.replaceAll(".", "\\.")} = ${now}$`, "m"));
    const live = readFileSync(`${root}/proc/sys/${name.replaceAll(".", "/")}`, "utf8");
    assert.equal(live, `${now}\n`);
  }
  assert.match(text, /^-net\.netfilter\.nf_conntrack_max = /m);
  const dropIn = readFileSync(`${root}/etc/systemd/system/kamailio.service.d/90-sockwarden.conf`, "utf8");
  assert.match(dropIn, /\[Service\]\nLimitNOFILE=1048576\n$/);
  assert.ok(applied.settings.length >= 10);
});

test("apply then rollback leaves the tree byte-identical, and a second rollback finds nothing", () => {
  const root = newMachine();
  const before = pictureOf(root);
  apply(placeOf(DISK_TREE, root));
  assert.notDeepEqual(pictureOf(root), before);
  const { found, restored, left } = rollback(placeOf(DISK_TREE, root));
  assert.ok(found && restored.length > 10);
  assert.deepEqual(left, []);
  assert.deepEqual(pictureOf(root), before);
  assert.equal(rollback(placeOf(DISK_TREE, root)).found, false);
  assert.deepEqual(pictureOf(root), before);
});

test("a folder for the record is made where none is, and goes with it", () => {
  const root = newMachine();
  rmSync(`${root}/var`, { recursive: true });
  const before = pictureOf(root);
  apply(placeOf(DISK_TREE, root));
  rollback(placeOf(DISK_TREE, root));
  assert.deepEqual(pictureOf(root), before);
});

test("apply killed between any two changes, on the disk: rollback leaves the tree byte-identical", (t) => {
  const root = newMachine();
  const before = pictureOf(root);
  let k = 0;
  while (crashes(() => apply(placeOf(crashing(DISK_TREE, k), root)))) {
    rollback(placeOf(DISK_TREE, root));
    assert.deepEqual(pictureOf(root), before, `killed at change ${k}`);
    k++;
  }
  t.diagnostic(`${k} changes`);
  assert.ok(k > 20);
});

test("apply killed anywhere, then rollback killed anywhere: the next rollback leaves the tree identical", (t) => {
  const machine = memoryMachine();
  const before = machine.picture();
  let runs = 0;
  for (let k = 0; ; k++) {
    const stopped = machine.clone();
    const unfinished = crashes(() => apply(placeOf(crashing(stopped, k))));
    for (let j = 0; ; j++) {
      const tree = stopped.clone();
      const again = crashes(() => rollback(placeOf(crashing(tree, j))));
      rollback(placeOf(tree));
      assert.deepEqual(tree.picture(), before, `apply killed at ${k}, rollback at ${j}`);
      runs++;
      if (!again) break;
    }
    if (!unfinished) break;
  }
  t.diagnostic(`${runs} pairs of crashes`);
  assert.ok(runs > 200);
});

test("a second apply killed anywhere is rolled back to what was before the first", () => {
  const machine = memoryMachine();
  const before = machine.picture();
  apply(placeOf(machine), tunedPlan("mobile", 1000));
  for (let k = 0; ; k++) {
    const tree = machine.clone();
    const unfinished = crashes(() => apply(placeOf(crashing(tree, k)), tunedPlan("churn")));
    rollback(placeOf(tree));
    assert.deepEqual(tree.picture(), before, `killed at change ${k}`);
    if (!unfinished) break;
  }
});

test("a second apply keeps in its file what the first one set", () => {
  const tree = memoryMachine();
  apply(placeOf(tree), tunedPlan("mobile", 1000));
  const plan = tunedPlan("churn");
  apply(placeOf(tree), {
    ...plan,
    changes: plan.changes.filter(({ what }) => what.endsWith("somaxconn") || what.endsWith("fin_timeout")),
  });
  const text = Buffer.from(tree.read("/etc/sysctl.d/90-sockwarden.conf")!.bytes).toString();
  assert.match(text, /tcp_keepalive_time = 600/);
});

test("a second apply leaves alone what somebody else has changed since and it does not plan", () => {
  const tree = memoryMachine();
  apply(placeOf(tree), tunedPlan("mobile", 1000));
  tree.overwrite("/proc/sys/net/ipv4/tcp_mtu_probing", "2\n");
  const changes = tunedPlan("churn").changes.filter(
    ({ what }) => what.endsWith("tcp_tw_reuse") || what.endsWith("nf_conntrack_max"),
  );
  assert.equal(changes.length, 1);
  apply(placeOf(tree), { ...tunedPlan("churn"), changes });
  assert.equal(Buffer.from(tree.read("/proc/sys/net/ipv4/tcp_mtu_probing")!.bytes).toString(), "2\n");
  tree.overwrite("/etc/sysctl.d/90-sockwarden.conf", "# edited\n");
  const before = tree.picture();
  assert.throws(() => apply(placeOf(tree), { ...tunedPlan("churn"), changes }), {
    message: /was edited since/,
  });
  assert.deepEqual(tree.picture(), before);
});

test("lines of a file of our name that no record knows are carried over", () => {
  const tree = memoryMachine();
  tree.add(
    "/etc/sysctl.d/90-sockwarden.conf",
    "fs.file-max = 1024\nnet.ipv4.tcp_fin_timeout = 44\nnet.ipv4.tcp_retries2 = 7\n",
  );
  apply(placeOf(tree));
  const text = Buffer.from(tree.read("/etc/sysctl.d/90-sockwarden.conf")!.bytes).toString();
  assert.match(text, /# was in this file before\nnet\.ipv4\.tcp_fin_timeout = 44\n/);
  assert.match(text, /tcp_retries2 = 8\n/);
  assert.doesNotMatch(text, /tcp_retries2 = 7|file-max/);
});

test("apply refuses to start over an unfinished one, and names the way out", () => {
  const machine = memoryMachine();
  for (let k = 0; ; k++) {
    const tree = machine.clone();
    if (!crashes(() => apply(placeOf(crashing(tree, k))))) break;
    if (k === 0) continue;
    const picture = tree.picture();
    assert.throws(() => apply(placeOf(tree)), { code: "unfinished", message: /tune rollback/ });
    assert.deepEqual(tree.picture(), picture);
  }
});

test("a dangerous plan is refused before anything is touched", () => {
  const tree = memoryMachine();
  const before = tree.picture();
  const [change] = tunedPlan().changes.filter(({ what }) => what === "net.ipv4.tcp_retries2");
  const plan = { ...tunedPlan(), changes: [{ ...change!, wanted: "5" }] };
  assert.throws(() => apply(placeOf(tree), plan), {
    code: "dangerous",
    message: /tcp_retries2 = 5 is refused/,
  });
  assert.deepEqual(tree.picture(), before);
});

for (const [code, words] of [
  ["ENOSPC", /the disk is full/],
  ["EROFS", /read-only/],
  ["EACCES", /not allowed/],
] as const) {
  test(`${code} at any change: a clear error, and the tree is as it was`, () => {
    const machine = memoryMachine();
    const before = machine.picture();
    const kinds = ["create", "makeFolder"];
    for (let from = 0; ; from++) {
      const tree = machine.clone();
      try {
        apply(placeOf(failing(tree, { code, from, kinds })));
        break;
      } catch (error) {
        assert.ok(error instanceof TuneError, String(error));
        assert.match(error.message, words);
        // While nothing can be written, an earlier file of ours cannot come back: the error must say so.
        if (/putting back what was before failed/.test(error.message)) rollback(placeOf(tree));
        else assert.match(error.message, /nothing was changed|everything was put back/);
        assert.deepEqual(tree.picture(), before, `from change ${from}`);
      }
    }
  });
}

test("a value that the kernel refuses is named, and everything is put back", () => {
  const tree = memoryMachine();
  const before = tree.picture();
  const refusing = failing(tree, { code: "EINVAL", from: 0, kinds: ["overwrite"] });
  let refused = false;
  const picky: Tree = {
    ...delegate(tree),
    overwrite(file, text) {
      // It refuses once, so that the earlier value can come back.
      const refuse = !refused && file.endsWith("tcp_retries2");
      refused ||= refuse;
      (refuse ? refusing : tree).overwrite(file, text);
    },
  };
  assert.throws(() => apply(placeOf(picky)), {
    message:
      /cannot write \/proc\/sys\/net\/ipv4\/tcp_retries2: the kernel does not take this value.*put back/,
  });
  assert.deepEqual(tree.picture(), before);
});

test("a value that reads back otherwise than it was written is an error, and everything is put back", () => {
  const tree = memoryMachine();
  const before = tree.picture();
  const clamping: Tree = {
    ...delegate(tree),
    overwrite: (file, text) => tree.overwrite(file, text === "10\n" || text === "8\n" ? "9\n" : text),
  };
  assert.throws(() => apply(placeOf(clamping)), { message: /tcp_retries2 reads 9 where 8 was written/ });
  const after = tree.picture().filter((line) => !before.includes(line));
  // 9 is neither our value nor the earlier one: rollback leaves it alone.
  assert.equal(after.length, 1);
});

test("rollback leaves a value that somebody else has changed since, and tells it; --force puts it back", () => {
  for (const force of [false, true]) {
    const tree = memoryMachine();
    const before = tree.picture();
    apply(placeOf(tree));
    tree.overwrite("/proc/sys/net/ipv4/tcp_retries2", "14\n");
    tree.overwrite("/etc/systemd/system/kamailio.service.d/90-sockwarden.conf", "[Service]\n");
    const { left } = rollback(placeOf(tree), force);
    assert.equal(tree.read(journalPath(STATE)), null);
    if (force) {
      assert.deepEqual(left, []);
      assert.deepEqual(tree.picture(), before);
    } else {
      assert.deepEqual(left[0], { what: "net.ipv4.tcp_retries2", is: "14", before: "5" });
      assert.match(left[1]!.what, /kamailio\.service\.d/);
    }
  }
});

test("a file that was there before and was edited since keeps its record until --force", () => {
  const tree = memoryMachine();
  const before = tree.picture();
  apply(placeOf(tree));
  tree.overwrite("/etc/sysctl.d/90-sockwarden.conf", "# mine again\n");
  assert.throws(() => rollback(placeOf(tree)), { code: "failed", message: /changed since; --force/ });
  assert.notEqual(tree.read(journalPath(STATE)), null);
  rollback(placeOf(tree), true);
  assert.deepEqual(tree.picture(), before);
});

test("without rights nothing is touched, and the answer is one line", () => {
  const tree = memoryMachine();
  const before = tree.picture();
  const place = { ...placeOf(tree), owner: { uid: 1000, gid: 1000 } };
  const forbidden: Tree = { ...delegate(tree), mayWrite: (file) => !file.startsWith("/etc") };
  assert.throws(() => apply({ ...place, tree: forbidden }), {
    code: "forbidden",
    message: /\/etc\/sysctl\.d; run as root/,
  });
  assert.deepEqual(tree.picture(), before);
});

test("a damaged record is refused by apply and rollback, and left as it is", () => {
  for (const text of ["{", '{"schema":2}', '{"schema":1,"state":"applied"}', "null", ""]) {
    const tree = memoryMachine();
    tree.add(journalPath(STATE), text);
    const before = tree.picture();
    assert.throws(() => apply(placeOf(tree)), { code: "unreadable" });
    assert.throws(() => rollback(placeOf(tree)), { code: "unreadable" });
    assert.deepEqual(tree.picture(), before);
  }
});

test("another network namespace's settings are not touched: apply and rollback say where they belong", () => {
  const tree = memoryMachine();
  const before = tree.picture();
  const child = { id: "net:[4711]", boot: "today", first: false };
  apply({ ...placeOf(tree), namespace: child });
  assert.throws(() => apply(placeOf(tree)), { code: "other-namespace" });
  assert.throws(() => rollback(placeOf(tree)), { code: "other-namespace", message: /net:\[4711\].*--netns/ });
  const { left } = rollback(placeOf(tree), true);
  assert.ok(left.length > 5 && left.every(({ is }) => is === "in another namespace"));
  const files = (picture: string[]) => picture.filter((line) => !line.startsWith("/proc"));
  assert.deepEqual(files(tree.picture()), files(before));
});

test("a rollback does not run into an apply that is at work", () => {
  const tree = memoryMachine();
  assert.ok(crashes(() => apply({ ...placeOf(crashing(tree, 8)), runner: { pid: 4711, startTime: 5 } })));
  const running = { ...placeOf(tree), isRunning: ({ pid }: { readonly pid: number }) => pid === 4711 };
  assert.throws(() => rollback(running), { code: "unfinished", message: /process 4711/ });
  assert.equal(rollback(placeOf(tree)).found, true);
});

test("after a boot the first namespace has another name and is the same; a child of before is gone", () => {
  for (const first of [true, false]) {
    const tree = memoryMachine();
    const before = tree.picture();
    apply({ ...placeOf(tree), namespace: { id: "net:[2]", boot: "yesterday", first } });
    if (first) {
      rollback(placeOf(tree));
      assert.deepEqual(tree.picture(), before);
    } else assert.throws(() => rollback(placeOf(tree)), { code: "other-namespace" });
  }
});

test("nothing but a regular file is written through", () => {
  const root = newMachine();
  rmSync(`${root}/etc/sysctl.d/90-sockwarden.conf`);
  symlinkSync("/dev/null", `${root}/etc/sysctl.d/90-sockwarden.conf`);
  const before = pictureOf(root);
  assert.throws(() => apply(placeOf(DISK_TREE, root)), { code: "unreadable", message: /no regular file/ });
  assert.deepEqual(pictureOf(root), before);
});
