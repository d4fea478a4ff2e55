// Runs the daemon from start to end: opens what it needs in order, tells the service manager, follows signals, and takes
// everything down again in reverse.

import { readFileSync } from "node:fs";
import type { Worker } from "node:worker_threads";
import { createApi, serveTcp, serveUnix } from "../api/index.ts";
import type { Config, LoadOptions } from "../config/index.ts";
import {
  HOST_ROOT,
  openServiceNotifier,
  readUptime,
  type ServiceNotifier,
  watchdogPeriodMs,
} from "../linux/index.ts";
import { reasonOf } from "../model/index.ts";
import { clockOffsetMs, monotonicMs } from "./clock.ts";
import { Core } from "./core.ts";
import { Guards } from "./guards.ts";
import { type Boot, openDaemonLedger } from "./ledger-desk.ts";
import { apiLog, type Log } from "./log.ts";
import { giveMemoryBack } from "./memory.ts";
import { DaemonService } from "./service/service.ts";

const MINUTE_MS = 60_000;
const SAVE_STANDINGS_MS = 5 * MINUTE_MS;
const LEDGER_RETRY_MS = 5000;
/** Guards scan at least this often. A guard that has not is stuck, and the service manager hears nothing more. */
const STUCK_AFTER_MS = 90_000;

export interface DaemonOptions {
  readonly config: Config;
  readonly source: LoadOptions;
  /** From the command line, in place of the configuration's mode; null for none. */
  readonly mode: Config["mode"] | null;
  readonly netns: string | null;
  readonly version: string;
  readonly log: Log;
  /** A guard's thread that loads already; null for none. */
  readonly warm: Worker | null;
  /** Called when the guards stand and the API answers. */
  readonly onReady?: (core: Core) => void;
}

/** Resolves once the daemon has stopped on request. Throws when it cannot start, or a guard dies. */
export async function runDaemon(options: DaemonOptions): Promise<void> {
  const { config, log } = options;
  const notifier = openServiceNotifier(process.env);
  const ending = new Ending();
  await using stack = new AsyncDisposableStack();
  // The thread must end even if no guard came to use it.
  stack.defer(async () => void (await options.warm?.terminate()));
  const offset = clockOffsetMs();
  const ledger = openDaemonLedger({
    stateDir: config.stateDir,
    retentionMs: config.retention.ledgerMs,
    nowMs: monotonicMs() + offset,
    boot: readBoot(),
  });
  stack.use(ledger);
  const { source, mode, netns, version, warm } = options;
  const core = new Core({
    ...{ config, source, mode, netns, version, ledger, warm },
    clockOffsetMs: offset,
    startGuards: Guards.start,
    onEnd: (error) => ending.fail(error),
  });
  core.events.follow((event) => log.event(event));
  ending.followSignals(core, notifier, log);
  // The API opens before the guards: a second daemon is refused here, before it touches the first one's rules.
  await serveApi(core, log, stack);
  // Deferred before the start, so that a failed or interrupted start is undone as well.
  stack.defer(() => core.stop());
  stack.defer(() => core.monitors.stop());
  // A signal ends the start, too.
  await Promise.race([core.start(), ending.ended]);
  if (ending.hasEnded) return;
  core.startMonitors();
  stack.defer(repeat(core, log));
  stack.defer(feedWatchdog(core, notifier, log));
  giveMemoryBack();
  tellManager(notifier, log, ["READY=1", `STATUS=${core.enforces ? "guarding" : "observing"}`]);
  options.onReady?.(core);
  await ending.ended;
  tellManager(notifier, log, ["STOPPING=1"]);
}

async function serveApi(core: Core, log: Log, stack: AsyncDisposableStack): Promise<void> {
  const { socket, http } = core.config;
  const api = createApi(new DaemonService(core), { log: apiLog(log) });
  stack.use(await serveUnix(api, { path: socket }));
  if (http !== null) stack.use(await serveTcp(api, http));
}

/** Starts the work that recurs, and returns how to end it. */
function repeat(core: Core, log: Log): () => void {
  const guarded = (work: () => void | Promise<void>) => async (): Promise<void> => {
    try {
      await work();
    } catch (error) {
      log.error(reasonOf(error));
    }
  };
  const timers = [
    setInterval(
      guarded(() => core.saveStandings()),
      SAVE_STANDINGS_MS,
    ),
    setInterval(
      guarded(() => core.ledger.prune()),
      MINUTE_MS,
    ),
    setInterval(
      guarded(() => core.ledger.check()),
      LEDGER_RETRY_MS,
    ),
  ];
  return () => timers.forEach(clearInterval);
}

/** Tells the service manager that all is well, as long as it is. */
function feedWatchdog(core: Core, notifier: ServiceNotifier, log: Log): () => void {
  const periodMs = watchdogPeriodMs(process.env, process.pid);
  if (periodMs === null) return () => {};
  let waiting = false;
  const timer = setInterval(() => {
    const at = core.seen.oldestScanAt();
    // A guard that has not answered yet is not asked again.
    if (waiting || at === null || core.now() - at >= STUCK_AFTER_MS) return;
    waiting = true;
    core.guards
      .alive()
      .then(() => tellManager(notifier, log, ["WATCHDOG=1"]))
      .catch((error: unknown) => log.error(`a guard does not answer: ${reasonOf(error)}`))
      .finally(() => (waiting = false));
  }, periodMs);
  return () => clearInterval(timer);
}

/** The daemon goes on guarding although a manager does not listen. */
function tellManager(notifier: ServiceNotifier, log: Log, lines: readonly string[]): void {
  try {
    notifier.notify(lines);
  } catch (error) {
    log.warn(`the service manager could not be told: ${reasonOf(error)}`);
  }
}

/** When the daemon ends, and why. */
class Ending {
  readonly ended: Promise<void>;
  hasEnded = false;
  #end: () => void = () => {};
  #fail: (error: Error) => void = () => {};

  constructor() {
    this.ended = new Promise((resolve, reject) => {
      this.#end = () => {
        this.hasEnded = true;
        resolve();
      };
      this.#fail = reject;
    });
    // `ended` may reject before anybody waits for it.
    this.ended.catch(() => {});
  }

  fail(error: Error): void {
    this.#fail(error);
  }

  /**
   * SIGTERM and SIGINT end the daemon, SIGHUP reads the configuration again. The handlers stay until the process ends:
   * a second signal must not cut the shutdown short.
   */
  followSignals(core: Core, notifier: ServiceNotifier, log: Log): void {
    const stop = (): void => this.#end();
    const reload = (): void => {
      const now = `MONOTONIC_USEC=${Math.round(monotonicMs() * 1000)}`;
      tellManager(notifier, log, ["RELOADING=1", now]);
      core
        .reload("SIGHUP")
        .catch((error: unknown) => log.error(`the reload failed: ${reasonOf(error)}`))
        .finally(() => tellManager(notifier, log, ["READY=1"]));
    };
    process.on("SIGTERM", stop).on("SIGINT", stop).on("SIGHUP", reload);
  }
}

/** Null where the kernel does not say. */
function readBoot(): Boot | null {
  try {
    const id = readFileSync(`${HOST_ROOT.proc}/sys/kernel/random/boot_id`, "utf8").trim();
    const ms = (): number => 1000 * (readUptime(HOST_ROOT) ?? 0);
    return { id, ms };
  } catch {
    return null;
  }
}
