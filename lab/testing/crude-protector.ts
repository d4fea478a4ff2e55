// A protector of a few lines for tests of the player: a count per address, a set and a rule, as built by hand in the
// account that the project comes from, with `ss -K` added. It cannot tell an honest client from a hoarder.

import { setTimeout as sleep } from "node:timers/promises";
import type { Namespace } from "../namespace.ts";
import type { Protection, Protector } from "../protection.ts";

const EVERY_MS = 50;

const RULES = `
table inet sockwarden {
  set ban4 { type ipv4_addr; flags timeout; }
  chain drop_banned { type filter hook prerouting priority raw; ip saddr @ban4 drop; }
}
`;

/** Bans each address that holds more than `limit` connections to the port. */
export function crudeProtection(port: number, limit: number): Protection {
  return {
    start: async ({ lab, socket }) => {
      const protector = new CrudeProtector(lab.victim, { port, limit, socket });
      await protector.start();
      return protector;
    },
  };
}

interface CrudeSettings {
  readonly port: number;
  readonly limit: number;
  readonly socket: string;
}

class CrudeProtector implements Protector {
  readonly pid = process.pid;
  readonly socket: string;
  readonly #victim: Namespace;
  readonly #settings: CrudeSettings;
  #loop: Promise<void> = Promise.resolve();
  #running = false;

  constructor(victim: Namespace, settings: CrudeSettings) {
    this.#victim = victim;
    this.#settings = settings;
    this.socket = settings.socket;
  }

  async start(): Promise<void> {
    await this.#victim.read(["nft", "-f", "-"], { input: RULES });
    this.#running = true;
    this.#loop = this.#run();
  }

  async stop(): Promise<void> {
    await this.kill9();
    await this.#victim.run(["nft", "delete", "table", "inet", "sockwarden"]);
  }

  async kill9(): Promise<void> {
    this.#running = false;
    await this.#loop;
  }

  command(): ReturnType<Protector["command"]> {
    return this.#victim.run(["true"]);
  }

  log(): string {
    return "";
  }

  async #run(): Promise<void> {
    while (this.#running) {
      for (const source of await this.#tooMany()) await this.#ban(source);
      await sleep(EVERY_MS);
    }
  }

  async #tooMany(): Promise<readonly string[]> {
    const text = await this.#victim.read(["ss", "-tnHO", "state", "established", "sport", "=", this.#port]);
    const held = new Map<string, number>();
    for (const line of text.split("\n")) {
      const peer = line.trim().split(/\s+/)[3]?.replace(/:\d+$/, "");
      if (peer !== undefined) held.set(peer, (held.get(peer) ?? 0) + 1);
    }
    return [...held].filter(([, count]) => count > this.#settings.limit).map(([source]) => source);
  }

  async #ban(source: string): Promise<void> {
    // It goes on silently after somebody has flushed the ruleset, as such scripts do.
    await this.#victim.run(["nft", `add element inet sockwarden ban4 { ${source} timeout 60s }`]);
    await this.#victim.read(["ss", "-K", "dst", source, "sport", "=", this.#port]);
  }

  get #port(): string {
    return `:${this.#settings.port}`;
  }
}
