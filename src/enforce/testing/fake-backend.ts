// A backend that holds bans in memory, writes its calls down, and refuses what it is told to.

import { type BackendName, type Ban, type BanKey, banKeyText, formatNetwork } from "../../model/index.ts";
import type { Backend, Changed, KernelBan, RulesetSpec } from "../backend.ts";
import { BackendError } from "../backend-error.ts";
import { banText, NOW } from "./values.ts";

export class FakeBackend implements Backend {
  readonly name: BackendName;
  readonly calls: string[] = [];
  readonly held: Map<string, Ban> = new Map();
  readonly specs: RulesetSpec[] = [];
  /** The errors that calls throw. */
  readonly broken: Map<"setUp" | "add" | "list" | "tearDown", Error> = new Map();
  /** Sources that add() refuses one by one. */
  readonly refused: Set<string> = new Set();
  changed = false;
  nowMs: number = NOW;

  constructor(name: BackendName = "nftables") {
    this.name = name;
  }

  setUp(spec: RulesetSpec): void {
    this.#call("setUp", spec.listeners.map(({ name, ports }) => `${name}:${ports.join("+")}`).join());
    this.specs.push(spec);
  }

  add(bans: readonly Ban[], nowMs: number): Changed {
    this.#call("add", bans.map(banText).join());
    this.nowMs = nowMs;
    const bad = bans.filter(({ source }) => this.refused.has(formatNetwork(source)));
    for (const ban of bans) if (!bad.includes(ban)) this.held.set(banKeyText(ban), ban);
    const failed = bad.map((ban) => ({ ban, error: new BackendError("refused", "add", banText(ban)) }));
    return { done: bans.length - bad.length, failed };
  }

  remove(bans: readonly BanKey[]): Changed {
    this.calls.push(`remove ${bans.map(banText).join()}`);
    for (const ban of bans) this.held.delete(banKeyText(ban));
    return { done: bans.length, failed: [] };
  }

  list(): KernelBan[] {
    const error = this.broken.get("list");
    if (error !== undefined) throw error;
    return [...this.held.values()].map(({ source, listener, kind, until }) => ({
      source,
      listener,
      kind,
      remainingMs: until - this.nowMs,
      packets: 0,
    }));
  }

  disturbed(): boolean {
    const { changed } = this;
    this.changed = false;
    return changed;
  }

  tearDown(): void {
    this.#call("tearDown");
    this.held.clear();
  }

  [Symbol.dispose](): void {
    this.calls.push("dispose");
  }

  #call(name: "setUp" | "add" | "tearDown", about = ""): void {
    this.calls.push(about === "" ? name : `${name} ${about}`);
    const error = this.broken.get(name);
    if (error !== undefined) throw error;
  }
}
