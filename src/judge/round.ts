// One round of judging: what the rules see and what they have decided so far. The rules are called one after another, the
// surest first; a source that one of them has settled is not looked at by the next.

import {
  type Ban,
  type BanKind,
  type Eviction,
  type Finding,
  type FindingSeverity,
  formatNetwork,
  type Network,
  PROOF_COUNT,
  PROOFS,
  Proof,
} from "../model/index.ts";
import type { BanHistory, JudgeState, StepOptions, Terms } from "./judge-types.ts";
import type { Group } from "./pressure.ts";
import { isProxy } from "./proxy.ts";
import { expectedOf } from "./standing.ts";
import { bansRemembered, nextTermMs } from "./terms.ts";
import { type Exemption, NETWORK_BITS, type SourceRow, type View, widen } from "./view.ts";

/** More bans in one round wait for the next one: a round must end. */
export const BANS_PER_ROUND_MAX = 20_000;
const HISTORIES_MAX = 50_000;
const EXCESSES_MAX = 20_000;
const TOLD_MAX = 20_000;
/** The same finding about the same source is told again after this time. */
const TELL_AGAIN_MS = 10 * 60 * 1000;

export const ALL_BUT_LEAKED: readonly Proof[] = PROOFS.filter((proof) => proof !== "leaked");

export interface BanOrder {
  readonly source: Network;
  /** The listener whose rule it is. */
  readonly listener: number;
  readonly kind: BanKind;
  readonly rule: string;
  readonly reason: string;
  /** In place of the configured term. */
  readonly termMs?: number;
}

export class Round {
  readonly view: View;
  readonly groups: readonly Group[];
  readonly now: number;
  readonly terms: Terms;
  readonly state: JudgeState;
  readonly evictions: Eviction[] = [];
  readonly newBans: Ban[] = [];
  readonly findings: Finding[] = [];
  readonly excesses: Map<string, number>;
  readonly bans: Map<string, Ban>;
  readonly histories: Map<string, BanHistory>;
  readonly told: Map<string, number>;
  /** How many bans were put off to the next round. */
  putOff = 0;
  readonly #taken: Uint32Array;
  /** By row and proof: what is evicted whole. */
  readonly #gone = new Set<number>();
  readonly #groupOf = new Map<number, Group>();

  constructor(state: JudgeState, view: View, { groups, options }: RoundOptions) {
    this.view = view;
    this.state = state;
    this.groups = groups;
    this.now = view.takenAt;
    this.terms = options.terms;
    this.bans = withoutExpired(state.bans, this.now);
    this.histories = new Map(state.histories);
    this.excesses = new Map(state.excesses);
    this.told = new Map(state.told);
    this.#taken = new Uint32Array(view.length);
    for (const group of groups) for (const listener of group.listeners) this.#groupOf.set(listener, group);
  }

  groupOf({ listener }: SourceRow): Group {
    return this.#groupOf.get(listener)!;
  }

  exemption(source: SourceRow): Exemption {
    return this.view.exemption(source);
  }

  /** How many connections the source may hold without standing out. */
  expected(source: SourceRow): number {
    return expectedOf(this.state.standings.get(this.view.keyOf(source)));
  }

  /** Whether it looks like many clients behind one address: then it is neither banned nor capped. */
  isProxy(source: SourceRow): boolean {
    return isProxy(this.view, source, { standings: this.state.standings, now: this.now });
  }

  /** What is left of a source's connections when everything decided so far is done. */
  remaining({ row, held }: SourceRow): number {
    return Math.max(0, held - this.#taken[row]!);
  }

  isSettled(source: SourceRow): boolean {
    return this.remaining(source) === 0;
  }

  /** How many connections of a group are evicted by what was decided so far. */
  evictedIn({ listeners }: Group): number {
    let evicted = 0;
    for (let row = 0; row < this.view.length; row++) {
      if (listeners.has(this.view.listenerOf(row))) evicted += this.#taken[row]!;
    }
    return evicted;
  }

  /** Evicts connections of some proofs, at most `max`; returns how many there are to evict. */
  evict(
    source: SourceRow,
    proofs: readonly Proof[],
    { rule, max }: { readonly rule: string; readonly max?: number },
  ): number {
    const left = proofs.filter((proof) => !this.#isGone(source, proof));
    const present = left.reduce((sum, proof) => sum + this.view.count(source, proof), 0);
    const wanted = Math.min(present, max ?? Number.POSITIVE_INFINITY);
    if (wanted <= 0) return 0;
    if (wanted === present) for (const proof of left) this.#gone.add(PROOF_COUNT * source.row + Proof[proof]);
    this.#taken[source.row] = Math.min(source.held, this.#taken[source.row]! + wanted);
    const listener = this.view.listeners[source.listener]!.name;
    this.evictions.push({
      source: source.network,
      listener,
      proofs: left,
      max: max ?? Number.POSITIVE_INFINITY,
      rule,
    });
    return wanted;
  }

  /** Whether all connections of a proof are evicted already. */
  #isGone(source: SourceRow, proof: Proof): boolean {
    return this.#gone.has(PROOF_COUNT * source.row + Proof[proof]);
  }

  /** Bans or caps a source or a network of sources, unless it is so already. Returns whether it is new. */
  ban({ source, listener, kind, rule, reason, termMs }: BanOrder): boolean {
    const { name } = this.view.listeners[listener]!;
    if (this.isKeptOff(source, name, kind)) return false;
    if (this.newBans.length >= BANS_PER_ROUND_MAX) {
      this.putOff++;
      return false;
    }
    const text = formatNetwork(source);
    const history = this.histories.get(text);
    const term = termMs ?? nextTermMs(this.terms, history, this.now);
    const ban: Ban = { source, listener: name, kind, since: this.now, until: this.now + term, reason, rule };
    this.newBans.push(ban);
    this.bans.set(banKey(ban), ban);
    if (termMs === undefined) {
      this.histories.set(text, {
        source: text,
        bans: bansRemembered(history, this.now) + 1,
        lastAt: this.now,
      });
    }
    return true;
  }

  /** Whether a ban of this kind, or a stronger one, stands for the source or for a network around it. */
  isKeptOff(source: Network, listener: string, kind: BanKind): boolean {
    const kinds: readonly BanKind[] = kind === "cap" ? ["ban", "cap"] : ["ban"];
    return BAN_WIDTHS.filter((bits) => bits <= source.bits)
      .map((bits) => widen(source, bits))
      .concat(source)
      .some((around) =>
        kinds.some(
          (standing) =>
            this.bans.has(banKey({ source: around, listener, kind: standing })) ||
            this.bans.has(banKey({ source: around, listener: null, kind: standing })),
        ),
      );
  }

  /** Tells a finding, but the same one not again and again. Returns whether it was told. */
  tell(finding: Told): boolean {
    const { rule, listener, source } = finding;
    const key = `${rule} ${listener ?? ""} ${source ?? ""}`;
    const before = this.told.get(key);
    if (before !== undefined && this.now - before < TELL_AGAIN_MS && this.now >= before) return false;
    this.told.set(key, this.now);
    this.findings.push(finding);
    return true;
  }

  /** What the next step starts from, without standings and pressures. */
  memory(): Pick<JudgeState, "bans" | "histories" | "excesses" | "told"> {
    return {
      bans: this.bans,
      histories: newest(this.histories, HISTORIES_MAX, ({ lastAt }) => lastAt),
      excesses: newest(this.excesses, EXCESSES_MAX, (at) => at),
      told: newest(this.told, TOLD_MAX, (at) => at),
    };
  }
}

interface RoundOptions {
  readonly groups: readonly Group[];
  readonly options: StepOptions;
}

export interface Told extends Finding {
  readonly severity: FindingSeverity;
}

const BAN_WIDTHS: readonly number[] = [...NETWORK_BITS.ipv4, ...NETWORK_BITS.ipv6];

/** What tells one ban from another. */
export function banKey({ source, listener, kind }: Pick<Ban, "source" | "listener" | "kind">): string {
  return `${kind} ${listener ?? "*"} ${formatNetwork(source)}`;
}

function withoutExpired(bans: ReadonlyMap<string, Ban>, now: number): Map<string, Ban> {
  const standing = new Map(bans);
  for (const [key, { until }] of bans) if (until <= now) standing.delete(key);
  return standing;
}

function newest<T>(map: Map<string, T>, max: number, at: (value: T) => number): Map<string, T> {
  if (map.size <= max) return map;
  return new Map([...map].sort(([, a], [, b]) => at(b) - at(a)).slice(0, max));
}
