import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { noCounts } from "../model/fakes.ts";
import { CONDUCTS, type ConnectionLimit } from "../model/index.ts";
import type { ListeningProcess } from "./census.ts";
import { type OwnedListener, SlotBook } from "./slot-book.ts";

const process = (pid: number, fdUsed: number, name = "kamailio"): ListeningProcess => ({
  pid,
  name,
  fdUsed,
  fdLimit: 1024,
});

const listener = (
  name: string,
  active: number,
  processes: readonly ListeningProcess[],
  configured: number | null = null,
): OwnedListener => ({
  name,
  processes,
  conduct: {
    ...noCounts(CONDUCTS),
    active,
  },
  configured,
});

const nobody = (): null => null;

describe("SlotBook", () => {
  it("gives listeners of one owner the same slots, and their connections together", () => {
    const owner = process(7, 340);
    const slots = new SlotBook(nobody).follow(
      [
        listener("sip", 200, [process(6, 20), owner]),
        listener("ssh", 2, [process(9, 12, "sshd")]),
        listener("tls", 100, [owner]),
      ],
      0,
    );
    assert.deepEqual(slots[0], slots[2]);
    assert.deepEqual(
      slots.map(({ owner, use }) => [owner?.pid, use.used, use.slots]),
      [
        [7, 300, 972],
        [9, 2, 972],
        [7, 300, 972],
      ],
    );
  });

  it("takes the lowest number that the policies of an owner's listeners set", () => {
    const owner = [process(7, 340)];
    const [sip, tls] = new SlotBook(nobody).follow(
      [listener("sip", 200, owner, 800), listener("tls", 100, owner, 500)],
      0,
    );
    assert.deepEqual(sip!.use, {
      used: 300,
      slots: 500,
      slotsFrom: "configured",
      slotsWhere: "slots of listener tls",
    });
    assert.deepEqual(tls!.use, sip!.use);
  });

  it("lets listeners whose owners cannot be seen share with nobody", () => {
    const slots = new SlotBook(nobody).follow([listener("a", 1, []), listener("b", 2, [])], 0);
    assert.deepEqual(
      slots.map(({ use, owner, fdHeld }) => [use.used, use.slots, owner, fdHeld]),
      [
        [1, null, null, null],
        [2, null, null, null],
      ],
    );
  });

  it("reads a program's own limit once in an owner's life, and again for the next process", () => {
    const asked: number[] = [];
    const limit: ConnectionLimit = { connections: 300, where: "tcp_max_connections in k.cfg" };
    const book = new SlotBook(({ pid }) => {
      asked.push(pid);
      return pid === 7 ? limit : null;
    });
    const scan = (...processes: readonly ListeningProcess[]) =>
      book.follow([listener("sip", 20, processes)], 0)[0]!.use.slotsFrom;
    assert.deepEqual([scan(process(7, 40)), scan(process(7, 41))], ["program", "program"]);
    assert.equal(scan(process(7, 40), process(8, 50)), "descriptors", "a worker has more now");
    assert.equal(scan(process(7, 51), process(8, 50)), "program", "and the first again");
    assert.deepEqual(asked, [7, 8]);
    scan(process(9, 40));
    scan(process(7, 40));
    assert.deepEqual(asked, [7, 8, 9, 7], "a pid that went and came is another process");
    scan(process(7, 40, "nginx"));
    assert.deepEqual(asked.at(-1), 7, "as is one that became another program");
    assert.equal(asked.length, 5);
  });

  it("remembers the descriptors that a program is about to close", () => {
    const book = new SlotBook(nobody);
    const scan = (nowMs: number, active: number, fdUsed: number) => {
      const [{ use, fdHeld }] = book.follow([listener("sip", active, [process(7, fdUsed)])], nowMs) as [
        never,
      ];
      return [(use as { slots: number }).slots, fdHeld];
    };
    assert.deepEqual(scan(0, 800, 830), [972, 830]);
    assert.deepEqual(scan(50, 100, 830), [972, 130], "700 are gone, and their descriptors are not");
  });

  it("takes connections that were opened while it counted for no workers'", () => {
    const slots = (counted: number | null) =>
      new SlotBook(nobody, () => counted).follow([listener("sip", 200, [process(7, 130)])], 0)[0]!.use.slots;
    assert.equal(slots(225), 972, "it has descriptors for all of them by now");
    assert.equal(slots(130), Math.floor((972 * 200) / 130), "others hold the rest");
    assert.equal(slots(null), Math.floor((972 * 200) / 130), "it has ended");
  });
});
