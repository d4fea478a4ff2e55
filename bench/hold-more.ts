// Holds connections for the benches that scan: at echo servers of the victim, one size after the other.

import type { Lab } from "../lab/index.ts";

/** Fewer than the descriptors that one process may have. */
const CONNECTIONS_PER_SERVER = 15_000;

export interface More {
  /** Connections that are held already. */
  readonly from: number;
  readonly until: number;
  /** How many addresses the clients of each behaviour have, for as many connections of one server. */
  readonly sourcesFor: (connections: number) => number;
}

/** Adds servers and their connections until there are `until` of them: half silent, half having spoken once. */
export async function holdMore(lab: Lab, { from, until, sourcesFor }: More): Promise<void> {
  for (let first = from; first < until; first += CONNECTIONS_PER_SERVER) {
    const count = Math.min(CONNECTIONS_PER_SERVER, until - first);
    const server = await lab.echo({ port: 6000 + first / 1000, address: "0.0.0.0", backlog: 4096 });
    for (const behaviour of ["silent", "talk-once"] as const) {
      const sources = { family: 4, addresses: sourcesFor(count) } as const;
      const target = { address: lab.victimAddress4, port: server.port };
      await lab.hold({ behaviour, count: count / 2, sources, target });
    }
  }
}
