// Prometheus metrics: per listener, conduct and proof, never a label per address.

import { Counter, Gauge, Registry } from "prom-client";
import type { EvictedConnections } from "../enforce/index.ts";
import type { ListenerSeen, News } from "../guard/index.ts";
import { LARGEST } from "../guard/index.ts";
import { CONDUCTS, PRESSURES, PROOFS } from "../model/index.ts";

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
  readonly #pressure = this.#gauge("pressure", "1 for the listener's present pressure", [
    "listener",
    "pressure",
  ]);
  readonly #top = this.#gauge("top_source_connections", "Connections of the largest sources", [
    "listener",
    "rank",
  ]);
  readonly #bans = this.#gauge("bans", "Bans and caps in force", ["kind"]);
  readonly #scanSeconds = this.#gauge("last_scan_seconds", "How long the last scan took", []);
  readonly #scans = this.#gauge("scans", "Scans since the start", ["netns"]);
  readonly #losses = this.#gauge("scan_losses", "Sockets of the last scan that could not be decoded", []);
  readonly #cpu = this.#gauge("guard_cpu_seconds", "Processor time of a guard's thread", ["netns"]);
  readonly #ofListeners: readonly { reset(): void }[] = [
    this.#connections,
    this.#proofs,
    this.#sources,
    this.#slots,
    this.#used,
    this.#descriptors,
    this.#limit,
    this.#queue,
    this.#pressure,
    this.#top,
  ];
  /** The latest numbers of each guard, by its namespace. */
  readonly #seen = new Map<string, readonly ListenerSeen[]>();
  readonly #newBans = this.#counter(
    "bans_total",
    "Bans and caps set; in observe those that would have been set",
    ["kind", "rule"],
  );
  readonly #evicted = this.#counter(
    "evicted_total",
    "Connections evicted; in observe those that would have been evicted",
    ["rule"],
  );
  readonly #findings = this.#counter("findings_total", "Findings told", ["rule", "severity"]);

  text(): Promise<string> {
    return this.registry.metrics();
  }

  update({ scanned, findings, bans, evictions, scans, cpuMs }: News, netns: string | null): void {
    for (const { kind, rule } of bans) this.#newBans.inc({ kind, rule });
    for (const { rule, severity } of findings) this.#findings.inc({ rule, severity });
    this.#countEvicted(evictions);
    if (scanned === null) return;
    this.#updateListeners(scanned.listeners, netns ?? "");
    this.#scanSeconds.set(scanned.scanMs / 1000);
    this.#losses.set(scanned.losses);
    this.#scans.set({ netns: netns ?? "" }, scans);
    this.#cpu.set({ netns: netns ?? "" }, cpuMs / 1000);
  }

  /** Bans and caps in force, of all guards together. */
  updateBans({ bans, caps }: { readonly bans: number; readonly caps: number }): void {
    this.#bans.set({ kind: "ban" }, bans);
    this.#bans.set({ kind: "cap" }, caps);
  }

  #updateListeners(listeners: readonly ListenerSeen[], netns: string): void {
    const before = this.#seen.get(netns) ?? [];
    this.#seen.set(netns, listeners);
    const names = new Set(listeners.map(({ name }) => name));
    if (before.every(({ name }) => names.has(name))) {
      for (const seen of listeners) this.#updateListener(seen);
      return;
    }
    // A listener that left the configuration has no numbers: its last ones would look like a standstill.
    for (const gauge of this.#ofListeners) gauge.reset();
    for (const seen of [...this.#seen.values()].flat()) this.#updateListener(seen);
  }

  #countEvicted(evictions: readonly EvictedConnections[]): void {
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
    setKnown(this.#slots, listener, seen.slots);
    setKnown(this.#descriptors, listener, seen.fdUsed);
    setKnown(this.#limit, listener, seen.fdLimit);
    setKnown(this.#queue, listener, seen.backlog?.used ?? null);
    for (let i = 0; i < LARGEST; i++) this.#top.set({ listener, rank: String(i + 1) }, seen.largest[i] ?? 0);
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

/** An unknown number is not shown at all. */
function setKnown(gauge: Gauge<"listener">, listener: string, value: number | null): void {
  if (value === null) gauge.remove({ listener });
  else gauge.set({ listener }, value);
}
