// A lab from opening to closing: the two namespaces, and everything that plays in them.

import { AddressPool, type SourceBlock, type SourceOptions } from "./address-pool.ts";
import { type EchoOptions, EchoServer } from "./echo.ts";
import { HonestClients, type HonestOptions } from "./honest.ts";
import { type KamailioOptions, startKamailio } from "./kamailio.ts";
import { type MosquittoOptions, startMosquitto } from "./mosquitto.ts";
import { Namespace } from "./namespace.ts";
import {
  joinNamespaces,
  NETWORK_SETTINGS,
  VICTIM_4,
  VICTIM_6,
  VICTIM_SPARE_4,
  VICTIM_SPARE_6,
} from "./network.ts";
import { type HoldOptions, Population } from "./population.ts";
import { ProcessTree } from "./process-tree.ts";
import type { RunningServer } from "./server-program.ts";
import { Watch, type WatchOptions } from "./watch.ts";

export interface LabHonestOptions extends HonestOptions {
  readonly sources?: ClientSources;
  readonly callSources?: ClientSources;
}

/** New addresses for a population, or those of another one. */
export type ClientSources = SourceOptions | readonly string[];

export interface DialOutOptions {
  readonly count: number;
  /** By default the kernel's choice. It may be a listener's port if that listens on another address or starts later. */
  readonly localPort?: number;
  /** By default the victim's first IPv4 address. Its family is also the destination's. */
  readonly localAddress?: string;
}

/** The port where the client namespace takes the victim's outbound connections. */
const SINK_PORT = 4000;

export class Lab {
  readonly victim: Namespace;
  readonly client: Namespace;
  readonly victimAddress4: string = VICTIM_4;
  readonly victimAddress6: string = VICTIM_6;
  /** Spare addresses of the victim. */
  readonly spareAddress4: string = VICTIM_SPARE_4;
  readonly spareAddress6: string = VICTIM_SPARE_6;
  readonly #tree: ProcessTree;
  readonly #pool = new AddressPool();
  #sink: Promise<EchoServer> | null = null;

  private constructor(tree: ProcessTree, victim: Namespace, client: Namespace) {
    this.#tree = tree;
    this.victim = victim;
    this.client = client;
  }

  static async open(): Promise<Lab> {
    const tree = await ProcessTree.start();
    try {
      const opened = [
        Namespace.open(tree, NETWORK_SETTINGS),
        Namespace.open(tree, NETWORK_SETTINGS),
      ] as const;
      const [victim, client] = await Promise.all(opened);
      await joinNamespaces(victim, client);
      return new Lab(tree, victim, client);
    } catch (error) {
      await tree.close();
      throw error;
    }
  }

  /** Starts an echo server in the victim namespace. */
  echo(options: EchoOptions): Promise<EchoServer> {
    return EchoServer.start(this.victim, options);
  }

  /** Starts Kamailio in the victim namespace, on its first addresses unless told otherwise. */
  kamailio(options: Partial<KamailioOptions> = {}): Promise<RunningServer> {
    return startKamailio(this.victim, { addresses: [VICTIM_4, VICTIM_6], ...options });
  }

  /** Starts mosquitto in the victim namespace, on every address. */
  mosquitto(options: MosquittoOptions = {}): Promise<RunningServer> {
    return startMosquitto(this.victim, options);
  }

  /** Opens a population and waits until each of its connections stands or has failed. */
  async hold(options: HoldOptions & { readonly sources: ClientSources }): Promise<Population> {
    const population = await this.begin(options);
    await population.settled;
    return population;
  }

  /** Begins a population and returns at once, for attacks that take their time. */
  begin({ sources, ...options }: HoldOptions & { readonly sources: ClientSources }): Promise<Population> {
    const forged = options.behaviour === "half-open";
    return Population.begin(options, { namespace: this.client, ...this.#take(sources, forged) });
  }

  /**
   * Starts honest clients. Without `sources` the held ones have as many addresses as there are of them, up to 256, of
   * the target's family. Without `callSources` the calls come from the same addresses.
   */
  honest({ sources, callSources, ...options }: LabHonestOptions): Promise<HonestClients> {
    const family = options.target.address.includes(":") ? 6 : 4;
    const addresses = Math.max(1, Math.min(options.held, 256));
    const block = this.#take(sources ?? { family, addresses });
    const callAddresses = callSources === undefined ? block.addresses : this.#take(callSources).addresses;
    return HonestClients.start(options, { namespace: this.client, ...block, callAddresses });
  }

  /** Takes addresses that nobody else gets, for populations that share them or for files that name them. */
  takeAddresses(sources: SourceOptions): readonly string[] {
    return this.#pool.take(sources).addresses;
  }

  /** Takes addresses for forged packets alone. */
  takeForgedAddresses(addresses: number): readonly string[] {
    return this.#pool.takeForged(addresses).addresses;
  }

  /** Starts the watch of the victim from outside. */
  watch(options: WatchOptions): Promise<Watch> {
    return Watch.start(this.victim, options);
  }

  /** Opens connections from the victim namespace to a server among the clients. */
  async dialOut({ count, localPort = 0, localAddress = VICTIM_4 }: DialOutOptions): Promise<Population> {
    this.#sink ??= EchoServer.start(this.client, { port: SINK_PORT });
    await this.#sink;
    const family = localAddress.includes(":") ? 6 : 4;
    // Each connection has a destination of its own, since one local port can hold only one connection to each.
    const destinations = this.#pool.take({ family, addresses: count });
    const population = await Population.begin(
      {
        behaviour: "silent",
        count,
        target: destinations.addresses.map((address) => ({ address, port: SINK_PORT })),
      },
      { namespace: this.victim, addresses: [localAddress], prefixes: [localAddress], localPort },
    );
    await population.settled;
    return population;
  }

  /** Ends every process of the lab; its namespaces go with them. May be called again. */
  close(): Promise<void> {
    return this.#tree.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #take(sources: ClientSources, forged = false): SourceBlock {
    if (!("family" in sources)) return { addresses: sources, prefixes: sources };
    if (!forged) return this.#pool.take(sources);
    if (sources.family !== 4) throw new RangeError("half-open connections are forged for IPv4 only");
    return this.#pool.takeForged(sources.addresses);
  }
}
