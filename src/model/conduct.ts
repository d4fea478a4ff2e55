// Conduct: what a connection is doing. The order is that of the columns people see, the harmless first.

export const CONDUCTS = [
  "active",
  "idle",
  "silent",
  "fresh",
  "stalled",
  "queued",
  "halfOpen",
  "closing",
  "leaked",
] as const;

export type Conduct = (typeof CONDUCTS)[number];

/** How many connections of each conduct. */
export type ConductCounts = Readonly<Record<Conduct, number>>;

/** The conducts that hold a descriptor of the server, or will as soon as it accepts. */
export const HOLDING: readonly Conduct[] = CONDUCTS.filter((c) => c !== "halfOpen" && c !== "closing");

/** Conducts that a crowd of honest clients hardly has. Lists give them a colour. */
export const SUSPICIOUS: ReadonlySet<Conduct> = new Set<Conduct>(["silent", "stalled", "leaked", "halfOpen"]);

/** The connections that hold a descriptor or will hold one. Every count of connections means these. */
export function holdingCount(counts: ConductCounts): number {
  return HOLDING.reduce((sum, conduct) => sum + counts[conduct], 0);
}

/** A name as people read it: `halfOpen` is `half-open`. */
export function conductLabel(conduct: Conduct): string {
  return conduct === "halfOpen" ? "half-open" : conduct;
}
