// A daemon's core without threads and without the kernel. Its guards are a fake that notes what it is told. Its ledger
// and its configuration files are real, and lie in a folder of the test's own.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { TestContext } from "node:test";
import type { CheckDocument, EventDocument } from "../../api/index.ts";
import { type Config, type LoadOptions, loadConfig } from "../../config/index.ts";
import type { GuardSettings } from "../../guard/index.ts";
import type { Ban, Network } from "../../model/index.ts";
import type { Ledger } from "../../record/index.ts";
import { monotonicMs } from "../clock.ts";
import { Core } from "../core.ts";
import { type GuardsConfiguration, type GuardsOfAll, type GuardsOptions, settingsOf } from "../guards.ts";
import { openDaemonLedger } from "../ledger-desk.ts";

/** 2026-11-22T15:04:05Z, when the clock of the test's core begins. */
export const NOW: number = Date.UTC(2026, 10, 22, 15, 4, 5);

/** Guards that hold the bans they are given, and carry out every request at once. */
export class FakeGuards implements GuardsOfAll {
  /** The settings of the guard in the daemon's own namespace. */
  settings: GuardSettings;
  bansHeld: readonly Ban[];
  protectedNetworks: readonly Network[] = [];
  /** Whether the stop left the rules in place; null before it. */
  kept: boolean | null = null;

  constructor(options: GuardsOptions) {
    this.settings = settingsOf(options, options.netns);
    this.bansHeld = options.remembered.bans;
  }

  async ready(): Promise<void> {}
  async alive(): Promise<void> {}

  async configure({ bans, ...options }: GuardsConfiguration): Promise<void> {
    this.settings = settingsOf(options, options.netns);
    this.bansHeld = bans ?? this.bansHeld;
  }

  async ban(bans: readonly Ban[]): ReturnType<GuardsOfAll["ban"]> {
    this.bansHeld = [...this.bansHeld, ...bans];
    return bans.map(({ source }) => ({ source, evicted: 3 }));
  }

  async unban(): Promise<Ban[]> {
    const lifted = [...this.bansHeld];
    this.bansHeld = [];
    return lifted;
  }

  async evict(): Promise<number> {
    return 3;
  }

  async explain(): ReturnType<GuardsOfAll["explain"]> {
    return { connections: [], standings: [], matches: [] };
  }

  async census(): ReturnType<GuardsOfAll["census"]> {
    return { takenAt: null, listeners: [] };
  }

  async bans(): ReturnType<GuardsOfAll["bans"]> {
    return this.bansHeld.map((ban) => ({ ban, packets: null }));
  }

  async standings(): ReturnType<GuardsOfAll["standings"]> {
    return [];
  }

  async protected(): ReturnType<GuardsOfAll["protected"]> {
    return [...this.protectedNetworks];
  }

  async stop({ keep }: { readonly keep: boolean }): Promise<void> {
    this.kept = keep;
  }
}

export interface TestCore {
  readonly core: Core;
  readonly guards: FakeGuards;
  readonly ledger: Ledger;
  readonly told: EventDocument[];
  /** Writes the configuration, and has it read again. */
  reload(configuration: object): Promise<CheckDocument>;
}

/** A core that has started, with a configuration of the contract's form. */
export async function startCore(t: TestContext, configuration: object): Promise<TestCore> {
  const folder = mkdtempSync(path.join(tmpdir(), "sockwarden-core-"));
  const source: LoadOptions = { file: path.join(folder, "sockwarden.yaml"), uid: 0, env: {} };
  // JSON is YAML, too.
  const write = (values: object): void => writeFileSync(source.file!, JSON.stringify(values));
  write(configuration);
  const config = configOf(source);
  const ledger = openDaemonLedger({
    stateDir: folder,
    retentionMs: config.retention.ledgerMs,
    nowMs: NOW,
    boot: null,
  });
  let guards: FakeGuards | null = null;
  const core = new Core({
    config,
    source,
    mode: null,
    netns: null,
    version: "test",
    clockOffsetMs: NOW - monotonicMs(),
    ledger,
    startGuards: (options) => (guards = new FakeGuards(options)),
    warm: null,
    onEnd: () => {},
  });
  const told: EventDocument[] = [];
  core.events.follow((event) => told.push(event));
  t.after(async () => {
    await core.monitors.stop();
    ledger.close();
    rmSync(folder, { recursive: true, force: true });
  });
  await core.start();
  core.startMonitors();
  const reload = (values: object): Promise<CheckDocument> => {
    write(values);
    return core.reload("the test");
  };
  return { core, guards: guards!, ledger, told, reload };
}

function configOf(source: LoadOptions): Config {
  const loaded = loadConfig(source);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.errors));
  return loaded.config;
}
