// What is said of an owner's slots: how many connections it can hold, how many it does, and where the number comes from.

/** What bounds an owner's connections: its RLIMIT_NOFILE, the program's own limit, or the listener's policy. */
export const SLOTS_FROM = ["descriptors", "program", "configured"] as const;

export type SlotsFrom = (typeof SLOTS_FROM)[number];

/** How many connections something lets an owner hold: the program itself, or the configuration. */
export interface ConnectionLimit {
  readonly connections: number;
  /** What sets it, as a part of a sentence: `tcp_max_connections in /etc/kamailio/kamailio.cfg`. */
  readonly where: string;
}

/** The same for every listener of one owner: they share its slots. */
export interface SlotUse {
  /** Connections of all listeners of the owner that hold a descriptor or will. */
  readonly used: number;
  /** How many it can hold; null where nothing says. */
  readonly slots: number | null;
  readonly slotsFrom: SlotsFrom | null;
  /** The origin as a part of a sentence: `RLIMIT_NOFILE of pid 12 less a reserve of 51`. */
  readonly slotsWhere: string | null;
}

/** How much of the slots is used; more than 1 where an owner holds what its reserve was for, 0 where nobody knows. */
export function slotShare({ used, slots }: Pick<SlotUse, "used" | "slots">): number {
  return slots === null ? 0 : used / Math.max(1, slots);
}

/** Of listeners that nobody uses and nothing limits. */
export const NO_SLOTS: SlotUse = { used: 0, slots: null, slotsFrom: null, slotsWhere: null };
