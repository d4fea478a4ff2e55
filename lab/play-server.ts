// The server of a play, and how much it can hold.

import type { Lab } from "./lab.ts";
import type { ProtocolName } from "./protocols/index.ts";
import type { Scenario, ServerPlan } from "./scenarios/scenario.ts";
import { findProgram } from "./server-program.ts";

export interface PlayServer {
  readonly pid: number;
  stop(): Promise<void>;
}

/**
 * Descriptors that a server keeps for itself. Its limits bite when so few are left. Kamailio's tcp main has some 20 to
 * 40.
 */
const DESCRIPTORS_OWN = 50;

export async function startPlayServer(lab: Lab, plan: ServerPlan): Promise<PlayServer> {
  const port = portOf(plan);
  switch (plan.kind) {
    case "kamailio": {
      const { kind: _, ...options } = plan;
      return lab.kamailio({ ...options, port });
    }
    case "mosquitto":
      return lab.mosquitto({ port, descriptors: plan.descriptors });
    case "echo":
      return lab.echo({ port, descriptors: plan.descriptors, mode: plan.mode ?? "echo", backlog: 1024 });
  }
}

export function portOf({ kind }: ServerPlan): number {
  return kind === "mosquitto" ? 1883 : 5060;
}

export function protocolOf({ kind }: ServerPlan): ProtocolName {
  return ({ kamailio: "sip", mosquitto: "mqtt", echo: "echo" } as const)[kind];
}

/** How many connections the server can hold, and descriptors the process that holds them. */
export function serverLimits(plan: ServerPlan): {
  readonly slots: number;
  readonly descriptors: number | null;
} {
  const own = plan.kind === "kamailio" ? (plan.connections ?? 2048) : Number.POSITIVE_INFINITY;
  const descriptors = plan.descriptors ?? null;
  return { slots: Math.min(own, (descriptors ?? Infinity) - DESCRIPTORS_OWN), descriptors };
}

/** How many connections the server of a scenario can hold. */
export function serverSlots({ server }: Scenario): number {
  return serverLimits(server).slots;
}

/** The program that is missing here for the scenario, or null. */
export function cannotPlay({ server, secondCaller }: Scenario): string | null {
  const needed = [...(server.kind === "echo" ? [] : [server.kind]), ...(secondCaller ? ["sipsak"] : [])];
  const missing = needed.filter((program) => findProgram(program) === null);
  return missing.length === 0 ? null : `${missing.join(", ")} is not installed`;
}

/** The same scenario with the lab's own echo server, for hosts without the real one. */
export function withEchoServer(scenario: Scenario): Scenario {
  const { secondCaller: _, ...rest } = scenario;
  return { ...rest, server: { kind: "echo", descriptors: scenario.server.descriptors ?? 2048 } };
}
