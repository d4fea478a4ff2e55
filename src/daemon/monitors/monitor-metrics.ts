// The monitors in Prometheus' terms. Labels are names of monitors, which the configuration bounds, phases and outcomes.

import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import { PHASES, type ProbeResult } from "../../sip/index.ts";
import type { WatchedService } from "./watched-service.ts";

const BUCKETS = [0.001, 0.0025, 0.01, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5];

export class MonitorMetrics {
  readonly #seconds: Histogram<"monitor" | "phase">;
  readonly #up: Gauge<"monitor">;
  readonly #degraded: Gauge<"monitor">;
  readonly #expiry: Gauge<"monitor">;
  readonly #probes: Counter<"monitor" | "outcome">;
  /** The outcomes of each monitor so far, so that they can be removed with it. */
  readonly #outcomes = new Map<string, Set<string>>();

  constructor(registry: Registry) {
    const registers = [registry];
    this.#seconds = new Histogram({
      name: "sockwarden_probe_seconds",
      help: "How long each phase of a monitor's probes took.",
      labelNames: ["monitor", "phase"],
      buckets: BUCKETS,
      registers,
    });
    this.#up = new Gauge({
      name: "sockwarden_monitor_up",
      help: "Whether clients are served, with hysteresis: 1 for up and degraded, 0 for down.",
      labelNames: ["monitor"],
      registers,
    });
    this.#degraded = new Gauge({
      name: "sockwarden_monitor_degraded",
      help: "Whether clients are served worse than they should be, with hysteresis.",
      labelNames: ["monitor"],
      registers,
    });
    this.#expiry = new Gauge({
      name: "sockwarden_monitor_certificate_expiry_seconds",
      help: "When the certificate that was last seen expires, in seconds since the epoch.",
      labelNames: ["monitor"],
      registers,
    });
    this.#probes = new Counter({
      name: "sockwarden_monitor_probes_total",
      help: "Probes by outcome.",
      labelNames: ["monitor", "outcome"],
      registers,
    });
  }

  observe(service: WatchedService, { ms, outcome }: ProbeResult): void {
    const monitor = service.config.name;
    for (const phase of PHASES) {
      const took = ms[phase];
      if (took !== null) this.#seconds.observe({ monitor, phase }, took / 1000);
    }
    this.#probes.inc({ monitor, outcome });
    this.#outcomes.set(monitor, (this.#outcomes.get(monitor) ?? new Set()).add(outcome));
    this.#up.set({ monitor }, service.state === "down" ? 0 : 1);
    this.#degraded.set({ monitor }, service.state === "degraded" ? 1 : 0);
    if (service.certificateExpiresAt !== null)
      this.#expiry.set({ monitor }, Math.floor(service.certificateExpiresAt / 1000));
  }

  /** Removes a monitor that is gone. */
  forget(monitor: string): void {
    for (const phase of PHASES) this.#seconds.remove({ monitor, phase });
    for (const outcome of this.#outcomes.get(monitor) ?? []) this.#probes.remove({ monitor, outcome });
    for (const gauge of [this.#up, this.#degraded, this.#expiry]) gauge.remove({ monitor });
    this.#outcomes.delete(monitor);
  }
}
