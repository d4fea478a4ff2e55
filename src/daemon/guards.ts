// All guards of the daemon as one: a thread for every network namespace that listeners are in. What is asked is asked of
// each, and their answers are put together.

import type { Worker } from "node:worker_threads";
import { ServiceError } from "../api/index.ts";
import type { Config } from "../config/index.ts";
import type {
  EvictedFrom,
  Explained,
  GuardAnswer,
  GuardRequest,
  GuardSettings,
  HeldBan,
  ListenerSources,
  News,
} from "../guard/index.ts";
import type { Exemptions, Remembered, Standing } from "../judge/index.ts";
import { type Ban, banKeyText, formatNetwork, type Network } from "../model/index.ts";
import { GuardError, GuardThread } from "./guard-thread.ts";

export interface GuardsOptions {
  readonly config: Config;
  /** Whether the kernel may be changed. */
  readonly enforces: boolean;
  /** For everything, in place of the daemon's own; null for none. */
  readonly netns: string | null;
  readonly allow: Exemptions["allow"];
  readonly remembered: Remembered;
  readonly clockOffsetMs: number;
  /** A thread for the first of them that is loading already; null where there is none. */
  readonly warm: Worker | null;
  readonly onNews: (news: News, netns: string | null) => void;
  readonly onEnd: (error: GuardError, netns: string | null) => void;
}

export interface GuardsConfiguration extends Pick<GuardsOptions, "config" | "enforces" | "netns" | "allow"> {
  readonly bans: readonly Ban[] | null;
}

export class Guards {
  readonly #threads: readonly GuardThread[];

  constructor(threads: readonly GuardThread[]) {
    this.#threads = threads;
  }

  /** Starts the threads. What is asked of them before they are ready is answered then. */
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
  async answer(): Promise<void> {
    await this.#ask({ kind: "answer" });
  }

  /** `bans` take the place of those that stand; null leaves these as they are. */
  async configure({ bans, ...options }: GuardsConfiguration): Promise<void> {
    await this.#askEach((thread) => ({
      kind: "settings",
      settings: settingsOf(options, thread.netns),
      bans,
    }));
  }

  async ban(bans: readonly Ban[]): Promise<EvictedFrom[]> {
    const answers = await this.#ask({ kind: "ban", bans });
    return sumEvicted(answers.flatMap((answer) => (answer.kind === "evicted" ? answer.evicted : [])));
  }

  async unban(sources: readonly Network[] | "all"): Promise<Ban[]> {
    const answers = await this.#ask({ kind: "unban", sources });
    const lifted = answers.flatMap((answer) => (answer.kind === "lifted" ? answer.lifted : []));
    return [...new Map(lifted.map((ban) => [banKeyText(ban), ban])).values()];
  }

  async evict(source: Network, listener: string | null): Promise<number> {
    const answers = await this.#ask({ kind: "evict", source, listener });
    return answers
      .flatMap((answer) => (answer.kind === "evicted" ? answer.evicted : []))
      .reduce((sum, { evicted }) => sum + evicted, 0);
  }

  async explain(source: Network): Promise<Explained> {
    const answers = await this.#ask({ kind: "explain", source });
    const all = answers.flatMap((answer) => (answer.kind === "explained" ? [answer.explained] : []));
    return {
      connections: all.flatMap(({ connections }) => connections),
      standings: all.flatMap(({ standings }) => standings),
      matches: all.flatMap(({ matches }) => matches),
    };
  }

  async census(
    top: number,
  ): Promise<{ readonly takenAt: number | null; readonly listeners: ListenerSources[] }> {
    const answers = await this.#ask({ kind: "census", top });
    const all = answers.flatMap((answer) => (answer.kind === "census" ? [answer] : []));
    const times = all.map(({ takenAt }) => takenAt).filter((at) => at !== null);
    return {
      takenAt: times.length === 0 ? null : Math.min(...times),
      listeners: all.flatMap(({ listeners }) => listeners),
    };
  }

  async bans(): Promise<HeldBan[]> {
    const answers = await this.#ask({ kind: "bans" });
    return sumBans(answers.flatMap((answer) => (answer.kind === "bans" ? answer.bans : [])));
  }

  async standings(): Promise<Standing[]> {
    const answers = await this.#ask({ kind: "standings" });
    return answers.flatMap((answer) => (answer.kind === "standings" ? answer.standings : []));
  }

  async protected(): Promise<Network[]> {
    const answers = await this.#ask({ kind: "protected" });
    return answers.flatMap((answer) => (answer.kind === "protected" ? answer.networks : []));
  }

  async stop({ keep }: { readonly keep: boolean }): Promise<void> {
    const stopped = await Promise.allSettled(this.#threads.map((thread) => thread.stop({ keep })));
    const failed = stopped.find((one) => one.status === "rejected");
    if (failed !== undefined) throw failed.reason;
  }

  #ask(request: GuardRequest): Promise<GuardAnswer[]> {
    return this.#askEach(() => request);
  }

  /** Waits for all of them, also where one refuses: what the others did is done then. */
  async #askEach(request: (thread: GuardThread) => GuardRequest): Promise<GuardAnswer[]> {
    const settled = await Promise.allSettled(this.#threads.map((thread) => thread.ask(request(thread))));
    const refused = settled.find((one) => one.status === "rejected");
    if (refused !== undefined) throw forPeople(refused.reason);
    return settled.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  }
}

/** Each namespace that a listener is in, once; the daemon's own where none says so. */
export function namespacesOf({ listeners }: Config, netns: string | null): (string | null)[] {
  if (listeners === null) return [netns];
  return [...new Set(listeners.map(({ selector }) => selector.netns ?? netns))];
}

function settingsOf(
  { config, enforces, netns, allow }: Pick<GuardsOptions, "config" | "enforces" | "netns" | "allow">,
  own: string | null,
): GuardSettings {
  const policies = config.listeners?.filter(({ selector }) => (selector.netns ?? netns) === own) ?? null;
  return {
    policies,
    prefixes: config.sources,
    judging: { terms: config.ban, exemptions: { allow, protected: [] } },
    backend: enforces && policies !== null ? config.enforce.backend : "observe",
    action: config.ban.action,
    fence: config.enforce.fence,
    evictPerSecond: config.enforce.evictPerSecond,
    everyMs: config.scan.everyMs,
    cpuBudget: config.scan.cpuBudget,
  };
}

/** What the world refused is an answer to whoever asked; a mistake of ours stays an error of the daemon. */
function forPeople(error: unknown): unknown {
  return error instanceof GuardError && error.code !== "failed"
    ? new ServiceError({ code: "unavailable", message: error.message, cause: error })
    : error;
}

/** A ban of every listener is held by each guard. */
function sumBans(all: readonly HeldBan[]): HeldBan[] {
  const sums = new Map<string, HeldBan>();
  for (const held of all) {
    const key = banKeyText(held.ban);
    const before = sums.get(key)?.packets ?? null;
    const packets = before === null ? held.packets : before + (held.packets ?? 0);
    sums.set(key, { ban: held.ban, packets });
  }
  return [...sums.values()];
}

function sumEvicted(all: readonly EvictedFrom[]): EvictedFrom[] {
  const sums = new Map<string, EvictedFrom>();
  for (const one of all) {
    const key = formatNetwork(one.source);
    sums.set(key, { source: one.source, evicted: (sums.get(key)?.evicted ?? 0) + one.evicted });
  }
  return [...sums.values()];
}
