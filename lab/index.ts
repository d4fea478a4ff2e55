// The lab: a victim and its clients in two private network namespaces, joined by a veth pair. Attackers, honest clients
// and servers play there. Tests, benchmarks and `sockwarden drill` use it.
//
// In:  what should play: servers, populations of connections by behaviour, honest clients.
// Out: processes, namespaces, and counts as the clients see them. The victim is judged from outside, by
//      `lab.victim.run(["ss", ...])` and /proc.
// Promises: nothing outside the two namespaces is touched, /run/netns gets no name, and no shell is run. It works
//      without root where user namespaces do. Every wait has an end and says what it waited for. Once close() has
//      resolved, or the owner has died in whatever way, no process and no namespace of the lab is left (keeper.ts).
//
//   await using lab = await openLab();
//   const server = await lab.echo({ port: 5060 });
//   const target = { address: lab.victimAddress4, port: server.port };
//   await lab.hold({ behaviour: "silent", count: 684, sources: { family: 4, addresses: 1 }, target });

import { Lab } from "./lab.ts";

/** Opens a lab. The caller closes it, or lets `await using` do so. */
export function openLab(): Promise<Lab> {
  return Lab.open();
}

export { labUnavailable } from "./available.ts";
export { LIST_TABLE, parseRefused, type RefusedAddresses } from "./bans.ts";
export type { EchoServer } from "./echo.ts";
export { OPTIONS, REGISTER } from "./kamailio.ts";
export type { Lab } from "./lab.ts";
export type { HonestReport } from "./messages.ts";
export type { Namespace, RunResult, Started } from "./namespace.ts";
export { type PlayOptions, play } from "./play.ts";
export type { PlaySample, ScenarioResult } from "./play-result.ts";
export { cannotPlay, serverSlots, withEchoServer } from "./play-server.ts";
export type { HoldOptions, Population } from "./population.ts";
export { sockwardenDiagnose, sockwardenProtection } from "./protection.ts";
export { MQTT_CONNECT, MQTT_PING, MQTT_PUBLISH } from "./protocols/mqtt-packets.ts";
export { contradictions, type Requirement, SCENARIOS, type Scenario } from "./scenarios/index.ts";
export { findProgram } from "./server-program.ts";
export { SITUATION_OPTIONS, SITUATIONS, type Situation } from "./situations/index.ts";
export { until, withTimeout } from "./wait.ts";
