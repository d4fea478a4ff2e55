// An owner's slots: how many connections it can hold, how many it holds, and where the number comes from.

/** The bound of an owner's connections: its RLIMIT_NOFILE, the program's own limit, or the listener's policy. */
export const SLOTS_FROM = ["descriptors", "program", "configured"] as const;

export type SlotsFrom = (typeof SLOTS_FROM)[number];

/** How many connections something lets an owner hold: the program itself, or the configuration. */
export interface ConnectionLimit {
  readonly connections: number;
  /** The setting that sets it, as a part of a sentence: `tcp_max_connections in /etc/kamailio/kamailio.cfg`. */
  readonly where: string;
}

/** The slots of an owner, the same for all its listeners, since they share them. */
export interface SlotUse {
  /** Connections of all listeners of the owner that hold a descriptor or will. */
  readonly used: number;
  /** How many it can hold; null if nothing tells. */
  readonly slots: number | null;
  readonly slotsFrom: SlotsFrom | null;
  /** The origin as a part of a sentence: `RLIMIT_NOFILE of pid 12 less a reserve of 51`. */
  readonly slotsWhere: string | null;
}

/** The share of the slots that is used. It exceeds 1 if an owner uses its reserve too; it is 0 if nobody knows. */
export function slotShare({ used, slots }: Pick<SlotUse, "used" | "slots">): number {
  return slots === null ? 0 : used / Math.max(1, slots);
}

/** The slots of listeners that nobody uses and nothing limits. */
export const NO_SLOTS: SlotUse = { used: 0, slots: null, slotsFrom: null, slotsWhere: null };
