// All guards of the daemon as one: a thread for every network namespace that listeners are in. Every guard gets each
// request, and their answers are put together.

import type { Worker } from "node:worker_threads";
import { ServiceError } from "../api/index.ts";
import type { Config } from "../config/index.ts";
import type {
  AnswerOf,
  AskOf,
  BanInForce,
  EvictedOf,
  Explained,
  GuardSettings,
  ListenersAt,
  News,
  RequestName,
} from "../guard/index.ts";
import type { Exemptions, JudgeMemory, Standing } from "../judge/index.ts";
import { type Ban, banKeyText, formatNetwork, type Network } from "../model/index.ts";
import { GuardError, GuardThread } from "./guard-thread.ts";

export interface GuardsOptions {
  readonly config: Config;
  /** Whether the kernel may be changed. */
  readonly enforces: boolean;
  /** The one namespace for everything, in place of the daemon's own; null for none. */
  readonly netns: string | null;
  readonly allow: Exemptions["allow"];
  readonly remembered: JudgeMemory;
  readonly clockOffsetMs: number;
  /** A thread that loads already, for the first guard; null for none. */
  readonly warm: Worker | null;
  readonly onNews: (news: News, netns: string | null) => void;
  readonly onEnd: (error: GuardError, netns: string | null) => void;
}

export interface GuardsConfiguration extends Pick<GuardsOptions, "config" | "enforces" | "netns" | "allow"> {
  readonly bans: readonly Ban[] | null;
}

/** The guards as others see them: tests have some without threads. */
export type GuardsOfAll = Pick<Guards, keyof Guards>;

/** One guard, as this file uses it. */
export type AskedGuard = Pick<GuardThread, "netns" | "ready" | "ask" | "stop">;

export class Guards {
  readonly #threads: readonly AskedGuard[];

  constructor(threads: readonly AskedGuard[]) {
    this.#threads = threads;
  }

  /** Starts the threads. They answer early requests once they are ready. */
  static start(options: GuardsOptions): Guards {
    const threads = namespacesOf(options.config, options.netns).map((netns, i) => {
      const beginning = {
        netns,
        settings: settingsOf(options, netns),
        remembered: options.remembered,
        clockOffsetMs: options.clockOffsetMs,
      };
      const onNews = (news: News): void => options.onNews(news, netns);
      const listeners = { onNews, onEnd: (error: GuardError): void => options.onEnd(error, netns) };
      return new GuardThread(beginning, listeners, i === 0 ? options.warm : null);
    });
    return new Guards(threads);
  }

  /** Resolves when each has scanned once and the kernel is as it should be. Throws GuardError. */
  async ready(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.ready()));
  }

  /** Resolves when each has answered: none of them is stuck. */
  async alive(): Promise<void> {
    await this.#ask("alive", null);
  }

  /** `bans` replace the bans that stand; null leaves these as they are. */
  async configure({ bans, ...options }: GuardsConfiguration): Promise<void> {
    await this.#askEach("configure", (thread) => ({ settings: settingsOf(options, thread.netns), bans }));
  }

  async ban(bans: readonly Ban[]): Promise<EvictedOf[]> {
    return sumEvicted((await this.#ask("ban", { bans })).flat());
  }

  async unban(sources: readonly Network[] | "all"): Promise<Ban[]> {
    const lifted = (await this.#ask("unban", { sources })).flat();
    return [...new Map(lifted.map((ban) => [banKeyText(ban), ban])).values()];
  }

  /** How many connections were destroyed. */
  async evict(source: Network, listener: string | null): Promise<number> {
    const evicted = await this.#ask("evict", { source, listener });
    return evicted.reduce((sum, count) => sum + count, 0);
  }

  async explain(source: Network): Promise<Explained> {
    const all = await this.#ask("explain", { source });
    return {
      connections: all.flatMap(({ connections }) => connections),
      standings: all.flatMap(({ standings }) => standings),
      matches: all.flatMap(({ matches }) => matches),
    };
  }

  async census(top: number): Promise<ListenersAt> {
    const all = await this.#ask("census", { top });
    const times = all.map(({ takenAt }) => takenAt).filter((at) => at !== null);
    return {
      takenAt: times.length === 0 ? null : Math.min(...times),
      listeners: all.flatMap(({ listeners }) => listeners),
    };
  }

  async bans(): Promise<BanInForce[]> {
    return sumBans((await this.#ask("bans", null)).flat());
  }

  async standings(): Promise<Standing[]> {
    return (await this.#ask("standings", null)).flat();
  }

  async protected(): Promise<Network[]> {
    return (await this.#ask("protected", null)).flat();
  }

  async stop({ keep }: { readonly keep: boolean }): Promise<void> {
    const stopped = await Promise.allSettled(this.#threads.map((thread) => thread.stop({ keep })));
    const failed = stopped.find((one) => one.status === "rejected");
    if (failed !== undefined) throw failed.reason;
  }

  #ask<Name extends RequestName>(name: Name, ask: AskOf<Name>): Promise<AnswerOf<Name>[]> {
    return this.#askEach(name, () => ask);
  }

  /** Waits for all guards even if one refuses, so that the others have done their work. */
  async #askEach<Name extends RequestName>(
    name: Name,
    askOf: (thread: AskedGuard) => AskOf<Name>,
  ): Promise<AnswerOf<Name>[]> {
    const settled = await Promise.allSettled(this.#threads.map((thread) => thread.ask(name, askOf(thread))));
    const refused = settled.find((one) => one.status === "rejected");
    if (refused !== undefined) throw forPeople(refused.reason);
    return settled.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  }
}

/** Each namespace that a listener is in, once; the daemon's own where the configuration names none. */
export function namespacesOf({ listeners }: Config, netns: string | null): (string | null)[] {
  if (listeners === null) return [netns];
  return [...new Set(listeners.map(({ selector }) => selector.netns ?? netns))];
}

/** The settings of one namespace's guard. Sections of the configuration pass whole, so that no new key is forgotten. */
export function settingsOf(
  { config, enforces, netns, allow }: Pick<GuardsOptions, "config" | "enforces" | "netns" | "allow">,
  own: string | null,
): GuardSettings {
  const policies = config.listeners?.filter(({ selector }) => (selector.netns ?? netns) === own) ?? null;
  return {
    policies,
    prefixes: config.sources,
    terms: config.ban,
    allow,
    ...config.scan,
    ...config.enforce,
    backend: enforces && policies !== null ? config.enforce.backend : "observe",
    action: config.ban.action,
  };
}

/** A refusal by the world becomes an answer to the caller; a mistake of ours stays an error of the daemon. */
function forPeople(error: unknown): unknown {
  return error instanceof GuardError && error.code !== "failed"
    ? new ServiceError({ code: "unavailable", message: error.message, cause: error })
    : error;
}

/** Every guard holds a ban of all listeners. */
function sumBans(all: readonly BanInForce[]): BanInForce[] {
  const sums = new Map<string, BanInForce>();
  for (const held of all) {
    const key = banKeyText(held.ban);
    const before = sums.get(key)?.packets ?? null;
    const packets = before === null ? held.packets : before + (held.packets ?? 0);
    sums.set(key, { ban: held.ban, packets });
  }
  return [...sums.values()];
}

function sumEvicted(all: readonly EvictedOf[]): EvictedOf[] {
  const sums = new Map<string, EvictedOf>();
  for (const one of all) {
    const key = formatNetwork(one.source);
    sums.set(key, { source: one.source, evicted: (sums.get(key)?.evicted ?? 0) + one.evicted });
  }
  return [...sums.values()];
}
