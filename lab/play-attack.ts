// The attackers of a play: their addresses, and the phases with their times.

import type { HonestClients } from "./honest.ts";
import type { Lab } from "./lab.ts";
import type { ServerAddress } from "./messages.ts";
import type { Population } from "./population.ts";
import type { AttackPhase, AttackSources, Scenario } from "./scenarios/scenario.ts";

export interface PlannedPhase {
  readonly phase: AttackPhase;
  readonly addresses: readonly string[];
}

/** Gives each phase its addresses. Phases that share their sources in the data share them here. */
export function planAttack(lab: Lab, { attack }: Scenario, honest: HonestClients): readonly PlannedPhase[] {
  const taken = new Map<AttackSources, readonly string[]>();
  return attack.map((phase) => {
    const addresses = taken.get(phase.sources) ?? takeSources(lab, phase.sources, honest);
    taken.set(phase.sources, addresses);
    return { phase, addresses };
  });
}

function takeSources(lab: Lab, sources: AttackSources, honest: HonestClients): readonly string[] {
  if (sources === "honest") return honest.addresses;
  if ("forged" in sources) return [...lab.takeForgedAddresses(sources.forged), ...honest.addresses];
  const { family, addresses, networks } = sources;
  if (networks === "own") return lab.takeAddresses({ family, addresses, spread: "far" });
  const each = Math.ceil(addresses / networks);
  return Array.from({ length: networks }, (_, i) =>
    lab.takeAddresses({ family, addresses: Math.min(each, addresses - i * each) }),
  ).flat();
}

/** Begins a phase; resolves when it has begun. */
export async function beginPhase(
  lab: Lab,
  { phase, addresses }: PlannedPhase,
  { port, scale }: { readonly port: number; readonly scale: number },
): Promise<Population> {
  const address = addresses[0]!.includes(":") ? lab.victimAddress6 : lab.victimAddress4;
  const target: ServerAddress = { address, port };
  return lab.begin({
    behaviour: phase.behaviour,
    count: phase.count,
    target,
    sources: addresses,
    rampPerSecond: perSecond(phase.speed, scale),
    ...(phase.everyTrueMs === undefined ? {} : { intervalMs: phase.everyTrueMs / scale }),
    ...(phase.text === undefined ? {} : { text: phase.text }),
    ...(phase.concurrency === undefined ? {} : { concurrency: phase.concurrency }),
    persistent: phase.persistent ?? false,
    // Attackers soon give up a connect that is dropped, and try the next one.
    connectTimeoutMs: 3000,
  });
}

/** Connections a second; 0 is as fast as possible. */
function perSecond(speed: AttackPhase["speed"], scale: number): number {
  if (speed === "at once") return 0;
  return "perSecond" in speed ? speed.perSecond : (speed.count / (speed.perTrueMs / scale)) * 1000;
}
