// Prometheus metrics: per listener, conduct and proof, never a label per address.

import { Counter, Gauge, Registry } from "prom-client";
import { CONDUCTS, PRESSURES, PROOFS } from "../model/index.ts";
import type { Evicted, ListenerSeen, News } from "./guard/messages.ts";

export class Metrics {
  readonly registry: Registry = new Registry();
  readonly #connections = this.#gauge("connections", "Connections that hold a descriptor, by conduct", [
    "listener",
    "conduct",
  ]);
  readonly #proofs = this.#gauge("connections_by_proof", "Connections that hold a descriptor, by proof", [
    "listener",
    "proof",
  ]);
  readonly #sources = this.#gauge("sources", "Sources with at least one connection", ["listener"]);
  readonly #slots = this.#gauge("slots", "Connections that the owner can hold", ["listener"]);
  readonly #used = this.#gauge("slots_used", "Connections of all listeners of the owner", ["listener"]);
  readonly #descriptors = this.#gauge("descriptors_used", "Open descriptors of the owner", ["listener"]);
  readonly #limit = this.#gauge("descriptors_limit", "The owner's soft limit of descriptors", ["listener"]);
  readonly #queue = this.#gauge("accept_queue", "Connections that wait to be accepted", ["listener"]);
  readonly #pressure = this.#gauge("pressure", "1 for the pressure that is on", ["listener", "pressure"]);
  readonly #top = this.#gauge("top_source_connections", "Connections of the largest sources", [
    "listener",
    "rank",
  ]);
  readonly #bans = this.#gauge("bans", "Bans and caps that stand", ["kind"]);
  readonly #lookSeconds = this.#gauge("last_look_seconds", "How long the last look took", []);
  readonly #looks = this.#gauge("looks", "Looks at the socket table since the start", ["netns"]);
  readonly #losses = this.#gauge("look_losses", "Sockets of the last look that could not be decoded", []);
  readonly #cpu = this.#gauge("guard_cpu_seconds", "Processor time of a guard's thread", ["netns"]);
  readonly #newBans = this.#counter(
    "bans_total",
    "Bans and caps set, or in observe those that would have been",
    ["kind", "rule"],
  );
  readonly #evicted = this.#counter(
    "evicted_total",
    "Connections evicted, or in observe those that would have been",
    ["rule"],
  );
  readonly #findings = this.#counter("findings_total", "Findings told", ["rule", "severity"]);

  text(): Promise<string> {
    return this.registry.metrics();
  }

  update({ looked, findings, bans, evictions, looks, cpuMs }: News, netns: string | null): void {
    for (const { kind, rule } of bans) this.#newBans.inc({ kind, rule });
    for (const { rule, severity } of findings) this.#findings.inc({ rule, severity });
    this.#countEvicted(evictions);
    if (looked === null) return;
    for (const seen of looked.listeners) this.#updateListener(seen);
    this.#bans.set({ kind: "ban" }, looked.bans);
    this.#bans.set({ kind: "cap" }, looked.caps);
    this.#lookSeconds.set(looked.scanMs / 1000);
    this.#losses.set(looked.losses);
    this.#looks.set({ netns: netns ?? "" }, looks);
    this.#cpu.set({ netns: netns ?? "" }, cpuMs / 1000);
  }

  #countEvicted(evictions: readonly Evicted[]): void {
    for (const { rule, count } of evictions) this.#evicted.inc({ rule }, count);
  }

  #updateListener(seen: ListenerSeen): void {
    const listener = seen.name;
    for (const conduct of CONDUCTS) this.#connections.set({ listener, conduct }, seen.conduct[conduct]);
    for (const proof of PROOFS) this.#proofs.set({ listener, proof }, seen.proofs[proof]);
    for (const pressure of PRESSURES)
      this.#pressure.set({ listener, pressure }, pressure === seen.pressure ? 1 : 0);
    this.#sources.set({ listener }, seen.sources);
    this.#used.set({ listener }, seen.used);
    if (seen.slots !== null) this.#slots.set({ listener }, seen.slots);
    if (seen.fdUsed !== null) this.#descriptors.set({ listener }, seen.fdUsed);
    if (seen.fdLimit !== null) this.#limit.set({ listener }, seen.fdLimit);
    if (seen.backlog !== null) this.#queue.set({ listener }, seen.backlog.used);
    for (const [i, connections] of seen.largest.entries())
      this.#top.set({ listener, rank: String(i + 1) }, connections);
  }

  #gauge<const Label extends string>(name: string, help: string, labelNames: readonly Label[]): Gauge<Label> {
    return new Gauge({ name: `sockwarden_${name}`, help, labelNames, registers: [this.registry] });
  }

  #counter<const Label extends string>(
    name: string,
    help: string,
    labelNames: readonly Label[],
  ): Counter<Label> {
    return new Counter({ name: `sockwarden_${name}`, help, labelNames, registers: [this.registry] });
  }
}
