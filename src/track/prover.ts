// Remembers connections from scan to scan, and says what each has shown: the memory that the guard's tracker and diagnose
// have in common. Hot: one prove() for every connection of a scan (bench/track.ts); it allocates nothing but when the
// history grows.

import { NOT_STUCK, stuckAtLeastMs } from "../census/index.ts";
import type { SocketTable } from "../linux/index.ts";
import { type ListenerPolicy, TcpState } from "../model/index.ts";
import { type ExchangeRule, exchangeRule, followExchanges, type Sighting } from "./exchanges.ts";
import { History, NO_HISTORY } from "./history.ts";
import { type ConnectionMemory, proofOf, recall } from "./proof.ts";
import { followStuck } from "./stuck.ts";

/** Call begin(), prove() for each connection, and end(), again with every scan. */
export class Prover {
  readonly history: History = new History();
  /** Of the connection that was proved last. */
  readonly remembered: ConnectionMemory = { exchanges: 0, flags: 0, heardForMs: 0, stuckForMs: NOT_STUCK };
  /** When that connection was first seen, in the history's ticks; 0 where it is not remembered. */
  seenAt = 0;
  /**
   * By port: 1 where the last scan tracked a listener. Connections to other ports are older than their
   * tracking. By port, since a listener's name may change when its owner is found, and its socket when its server is restarted.
   */
  readonly #knownPorts = new Uint8Array(65_536);
  #known: Sighting = { nowMs: 0, first: false };
  #first: Sighting = { nowMs: 0, first: true };

  /** Before the connections of a scan. `nowMs` is a monotonic clock. */
  begin(nowMs: number): void {
    this.history.begin();
    this.#known = { nowMs, first: false };
    this.#first = { nowMs, first: true };
  }

  /** After the connections of a scan that tracked listeners on these ports. */
  end(ports: Iterable<number>): void {
    this.#knownPorts.fill(0);
    for (const port of ports) this.#knownPorts[port] = 1;
  }

  /** Remembers what the connection in `row` says. Returns its place in PROOFS, or NO_PROOF. */
  prove(table: SocketTable, row: number, rules: PortRules): number {
    const { remembered, history } = this;
    const { profile } = rules.policy;
    this.seenAt = 0;
    remembered.stuckForMs = NOT_STUCK;
    if (table.state[row] !== TcpState.ESTABLISHED) return proofOf(table, row, remembered, profile);
    const port = table.localPort[row]!;
    const sighting = this.#knownPorts[port] === 1 ? this.#known : this.#first;
    const h = history.enter(table.cookieLow[row]!, table.cookieHigh[row]!);
    if (h !== NO_HISTORY) {
      followExchanges(history, h, table, row, rules.of(port), sighting);
      this.seenAt = history.seenAt[h]!;
    }
    recall(history, h, sighting.nowMs, remembered);
    remembered.stuckForMs =
      h === NO_HISTORY ? stuckAtLeastMs(table, row) : followStuck(history, h, table, row, sighting.nowMs);
    return proofOf(table, row, remembered, profile);
  }
}

/** What an exchange takes on each of a listener's ports. */
export class PortRules {
  readonly policy: ListenerPolicy;
  readonly #plain: ExchangeRule;
  readonly #tls: ExchangeRule;

  constructor(policy: ListenerPolicy) {
    this.policy = policy;
    this.#plain = exchangeRule(policy, false);
    this.#tls = exchangeRule(policy, true);
  }

  of(port: number): ExchangeRule {
    return this.policy.tlsPorts.includes(port) ? this.#tls : this.#plain;
  }
}
