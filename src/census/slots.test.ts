import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { noCounts } from "../model/fakes.ts";
import { CONDUCTS, type ConductCounts, type ConnectionLimit, type SlotUse } from "../model/index.ts";
import { acceptedOf, ownerOf, type SlotOwner, slotsOf, usedOf, workersOf } from "./slots.ts";

const process = (pid: number, fdUsed: number | null, fdLimit: number | null = 1024) => ({
  pid,
  name: "test",
  fdUsed,
  fdLimit,
});

const conduct = (counts: Partial<ConductCounts>): ConductCounts => ({
  ...noCounts(CONDUCTS),
  ...counts,
});

/** An owner with `active` connections; what its process has more is no connection. */
function owner(fdUsed: number, fdLimit: number, active: number, more: Partial<SlotOwner> = {}): SlotOwner {
  return {
    process: process(7, fdUsed, fdLimit),
    conducts: [conduct({ active })],
    others: Math.max(0, fdUsed - active),
    workers: workersOf(fdUsed, active),
    configured: null,
    ...more,
  };
}

const KAMAILIO: ConnectionLimit = {
  connections: 2048,
  where: "tcp_max_connections in /etc/kamailio/kamailio.cfg",
};
const POLICY: ConnectionLimit = { connections: 500, where: "slots of listener sip" };
const UNKNOWN: Omit<SlotUse, "used"> = { slots: null, slotsFrom: null, slotsWhere: null };

const byDescriptors = (slots: number, reserve: number, more = ""): Omit<SlotUse, "used"> => ({
  slots,
  slotsFrom: "descriptors",
  slotsWhere: `RLIMIT_NOFILE of pid 7 less a reserve of ${reserve}${more}`,
});
const byProgram = { slots: 2048, slotsFrom: "program", slotsWhere: KAMAILIO.where } as const;
const byPolicy = { slots: 500, slotsFrom: "configured", slotsWhere: POLICY.where } as const;

interface Case {
  readonly title: string;
  readonly owner: SlotOwner;
  readonly program?: ConnectionLimit;
  readonly expected: Omit<SlotUse, "used">;
}

const CASES: readonly Case[] = [
  {
    title: "32 descriptors at least are kept back",
    owner: owner(40, 500, 10),
    expected: byDescriptors(468, 32),
  },
  {
    title: "5 % of the limit are kept back",
    owner: owner(50, 20_000, 10),
    expected: byDescriptors(19_000, 1000),
  },
  {
    title: "as many as are no connections are kept back",
    owner: owner(500, 1024, 100),
    expected: byDescriptors(624, 400),
  },
  {
    title: "a limit below the reserve has no slots",
    owner: owner(10, 20, 0),
    expected: byDescriptors(0, 32),
  },
  {
    title: "four workers with a quarter of the connections each hold four times as much",
    owner: owner(500, 1024, 2000),
    expected: byDescriptors(4 * 972, 52, ", times 4.0 as its workers share them"),
  },
  {
    title: "the program's own limit counts where it is lower",
    owner: owner(60, 20_000, 10),
    program: KAMAILIO,
    expected: byProgram,
  },
  {
    title: "and does not where the descriptors run out first",
    owner: owner(60, 1024, 10),
    program: KAMAILIO,
    expected: byDescriptors(972, 52),
  },
  {
    title: "what is configured is one more candidate",
    owner: owner(60, 1024, 10, { configured: POLICY }),
    program: KAMAILIO,
    expected: byPolicy,
  },
  {
    title: "a configured number does not raise the program's own limit",
    owner: owner(60, 20_000, 10, { configured: { ...POLICY, connections: 9000 } }),
    program: KAMAILIO,
    expected: byProgram,
  },
  {
    title: "of equal numbers the program's own is named",
    owner: owner(60, 20_000, 10, { configured: { ...POLICY, connections: 2048 } }),
    program: KAMAILIO,
    expected: byProgram,
  },
  {
    title: "without a descriptor limit the program's own counts",
    owner: owner(60, Number.POSITIVE_INFINITY, 10),
    program: KAMAILIO,
    expected: byProgram,
  },
  {
    title: "an owner that cannot be seen has what is configured",
    owner: owner(0, 0, 10, { process: null, configured: POLICY }),
    expected: byPolicy,
  },
  {
    title: "unknown where its limit cannot be read",
    owner: owner(0, 0, 1, { process: process(7, 9, null) }),
    expected: UNKNOWN,
  },
  {
    title: "unknown where its descriptors cannot be counted",
    owner: owner(0, 0, 1, { process: process(7, null) }),
    expected: UNKNOWN,
  },
  {
    title: "unknown where there is no limit",
    owner: owner(9, Number.POSITIVE_INFINITY, 1),
    expected: UNKNOWN,
  },
  { title: "unknown where nobody is seen", owner: owner(0, 0, 1, { process: null }), expected: UNKNOWN },
];

describe("slotsOf()", () => {
  for (const { title, owner, program = null, expected } of CASES) {
    it(title, () => assert.deepEqual(slotsOf(owner, program), { used: usedOf(owner), ...expected }));
  }
});

describe("usedOf()", () => {
  it("counts what holds a descriptor or will, of all listeners of the owner", () => {
    const conducts = [
      conduct({ active: 5, queued: 2, halfOpen: 9 }),
      conduct({ silent: 3, leaked: 1, closing: 4 }),
    ];
    assert.equal(usedOf({ conducts }), 11);
    assert.equal(acceptedOf({ conducts }), 9, "two wait to be accepted");
    assert.equal(usedOf({ conducts: [] }), 0);
  });
});

describe("ownerOf()", () => {
  it("is the process with the most descriptors, the oldest of equals", () => {
    assert.equal(ownerOf([process(1, 9), process(2, 700), process(3, 700), process(4, null)])?.pid, 2);
    assert.equal(ownerOf([process(1, null)]), null);
    assert.equal(ownerOf([]), null);
  });
});
