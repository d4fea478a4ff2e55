// One round of judging: the rules' input, and their decisions so far. The rules are called one after another, the
// surest first. A rule passes over a source that an earlier one has settled.

import {
  type Ban,
  type BanKind,
  type Eviction,
  type Finding,
  formatNetwork,
  LEFT_OPEN,
  type Network,
  PROOF_COUNT,
  PROOFS,
  Proof,
  type RuleName,
} from "../model/index.ts";
import { BanIndex } from "./ban-index.ts";
import type { Exemption } from "./exemptions.ts";
import type { BanHistory, JudgeState, StepOptions, Terms } from "./judge-types.ts";
import type { OwnerGroup } from "./pressure.ts";
import { isProxy } from "./proxy.ts";
import { expectedOf, isKnown, knownNetworks } from "./standing.ts";
import { bansRemembered, nextTermMs } from "./terms.ts";
import { type SourceRow, sourceKey, type View } from "./view.ts";

/** Bans beyond this number wait for the next round: a round must end. */
export const BANS_PER_ROUND_MAX = 20_000;
const HISTORIES_MAX = 50_000;
const EXCESSES_MAX = 20_000;
const TOLD_MAX = 20_000;
/** Findings of one scan beyond this number are counted, and told with the next scans. */
export const FINDINGS_PER_ROUND_MAX = 2000;
/** The same finding about the same source is told again after this time. */
const TELL_AGAIN_MS = 10 * 60 * 1000;

/** The term of a cap for scarcity. It is short, because the source may be honest and the scarcity somebody else's doing. */
export const PRESSED_CAP_MS = 60_000;

export const ALL_BUT_LEAKED: readonly Proof[] = PROOFS.filter((proof) => !LEFT_OPEN.includes(proof));

export interface BanOrder {
  readonly source: Network;
  /** The index of the ban's listener. */
  readonly listener: number;
  readonly kind: BanKind;
  readonly rule: RuleName;
  readonly reason: string;
  /** Replaces the configured term. */
  readonly termMs?: number;
}

export class Round {
  readonly view: View;
  readonly groups: readonly OwnerGroup[];
  readonly now: number;
  readonly terms: Terms;
  readonly state: JudgeState;
  readonly evictions: Eviction[] = [];
  readonly newBans: Ban[] = [];
  readonly findings: Finding[] = [];
  readonly excesses: Map<string, number>;
  readonly bans: BanIndex;
  readonly histories: Map<string, BanHistory>;
  readonly told: Map<string, number>;
  /** Bans that were put off to the next round. */
  putOff = 0;
  /** Findings that had no room. */
  untold = 0;
  /** How many connections go: by row and proof here, then by row, then by listener. */
  readonly #taken: Uint32Array;
  readonly #takenOf: Uint32Array;
  readonly #takenAt: Uint32Array;
  readonly #expected: Float64Array;
  readonly #groupOf = new Map<number, OwnerGroup>();
  #knownNetworks: ReadonlySet<string> | null = null;

  constructor(state: JudgeState, view: View, { groups, options }: RoundOptions) {
    this.view = view;
    this.state = state;
    this.groups = groups;
    this.now = view.takenAt;
    this.terms = options.terms;
    this.bans = new BanIndex(state.bans, this.now);
    this.histories = new Map(state.histories);
    this.excesses = new Map(state.excesses);
    this.told = new Map(state.told);
    this.#taken = new Uint32Array(PROOF_COUNT * view.length);
    this.#takenOf = new Uint32Array(view.length);
    this.#takenAt = new Uint32Array(view.listeners.length);
    this.#expected = new Float64Array(view.length).fill(-1);
    for (const group of groups) for (const listener of group.listeners) this.#groupOf.set(listener, group);
  }

  groupOf({ listener }: SourceRow): OwnerGroup {
    return this.#groupOf.get(listener)!;
  }

  exemption(source: SourceRow): Exemption {
    return this.view.exemption(source);
  }

  /** How many connections the source may hold without standing out. */
  expected(source: SourceRow): number {
    const { row } = source;
    if (this.#expected[row]! < 0) {
      this.#expected[row] = expectedOf(this.state.standings.get(this.view.keyOf(source)));
    }
    return this.#expected[row]!;
  }

  /** Whether the source is known for more than a household has. */
  isKnown(source: SourceRow): boolean {
    return isKnown(this.state.standings.get(this.view.keyOf(source)));
  }

  /**
   * How many connections that spoke once and fell silent count as a known source's own clients: the number it is known
   * for, less what it shows otherwise. Phones without digest and keep-alives look like that for an hour.
   */
  forgiven(source: SourceRow): number {
    const onceHeld = this.view.count(source, "onceHeld");
    if (onceHeld === 0 || !this.isKnown(source)) return 0;
    return Math.min(onceHeld, Math.max(0, this.expected(source) - source.merits));
  }

  /** Whether any source inside a network is known for honest clients, even if they are not there at the moment. */
  isKnownNetwork(listener: number, network: Network): boolean {
    this.#knownNetworks ??= knownNetworks(this.state.standings.values());
    return this.#knownNetworks.has(sourceKey(this.view.listeners[listener]!.name, formatNetwork(network)));
  }

  /** Whether the source looks like many clients behind one address. It is then neither banned nor capped. */
  isProxy(source: SourceRow): boolean {
    return isProxy(this.view, source, { standings: this.state.standings, now: this.now });
  }

  /** How many connections the source keeps when everything decided so far is done. */
  remaining({ row, held }: SourceRow): number {
    return held - this.#takenOf[row]!;
  }

  isSettled(source: SourceRow): boolean {
    return this.remaining(source) === 0;
  }

  /** How many connections of one proof the source keeps. */
  present(source: SourceRow, proof: Proof): number {
    return this.view.count(source, proof) - this.#taken[PROOF_COUNT * source.row + Proof[proof]]!;
  }

  /** How many connections of a group the decisions so far evict. */
  evictedIn({ listeners }: OwnerGroup): number {
    let evicted = 0;
    for (const listener of listeners) evicted += this.#takenAt[listener]!;
    return evicted;
  }

  /** Evicts connections of these proofs that no rule has taken yet, at most `max`. Returns how many. */
  evict(
    source: SourceRow,
    proofs: readonly Proof[],
    { rule, max }: { readonly rule: RuleName; readonly max?: number },
  ): number {
    const left = proofs.filter((proof) => this.present(source, proof) > 0);
    const taken = this.#take(source, left, max ?? Number.POSITIVE_INFINITY);
    if (taken === 0) return 0;
    const listener = this.view.listeners[source.listener]!.name;
    this.evictions.push({
      source: source.network,
      listener,
      proofs: left,
      max: max ?? Number.POSITIVE_INFINITY,
      rule,
    });
    return taken;
  }

  #take(source: SourceRow, proofs: readonly Proof[], max: number): number {
    let taken = 0;
    for (const proof of proofs) {
      const take = Math.min(this.present(source, proof), max - taken);
      if (take <= 0) continue;
      this.#taken[PROOF_COUNT * source.row + Proof[proof]]! += take;
      // The program holds these, not the source.
      if (!LEFT_OPEN.includes(proof)) this.#takenOf[source.row]! += take;
      this.#takenAt[source.listener]! += take;
      taken += take;
    }
    return taken;
  }

  /**
   * Bans or caps a source or a network of sources, unless that is done already. Returns whether it is new. Only bans
   * grow longer with every repetition: a cap also hits the others behind the same address.
   */
  ban({ source, listener, kind, rule, reason, termMs }: BanOrder): boolean {
    const { name } = this.view.listeners[listener]!;
    if (this.isKeptOff(source, name, kind)) return false;
    if (this.newBans.length >= BANS_PER_ROUND_MAX) {
      this.putOff++;
      return false;
    }
    const text = formatNetwork(source);
    const history = this.histories.get(text);
    const longer = kind === "ban" && termMs === undefined;
    const term = longer ? nextTermMs(this.terms, history, this.now) : (termMs ?? this.terms.firstMs);
    const ban: Ban = { source, listener: name, kind, since: this.now, until: this.now + term, reason, rule };
    this.newBans.push(ban);
    this.bans.add(ban);
    if (longer) {
      this.histories.set(text, {
        source: text,
        bans: bansRemembered(history, this.now) + 1,
        lastAt: this.now,
      });
    }
    return true;
  }

  /** Whether a ban of this kind, or a stronger one, covers the source. */
  isKeptOff(source: Network, listener: string, kind: BanKind): boolean {
    return this.bans.covers(source, listener, kind === "cap" ? BAN_OR_CAP : BAN_ONLY);
  }

  /** Tells a finding, unless the same one was told a while ago. Returns whether it was told. */
  tell(finding: Finding): boolean {
    const { rule, listener, source } = finding;
    const key = `${rule} ${listener ?? ""} ${source ?? ""}`;
    const before = this.told.get(key);
    if (before !== undefined && this.now - before < TELL_AGAIN_MS && this.now >= before) return false;
    if (this.findings.length >= FINDINGS_PER_ROUND_MAX) {
      this.untold++;
      return false;
    }
    this.told.set(key, this.now);
    this.findings.push(finding);
    return true;
  }

  /** The next step's memory, without standings and pressures. */
  memory(): Pick<JudgeState, "bans" | "histories" | "excesses" | "told"> {
    return {
      bans: this.bans.bans,
      histories: newest(this.histories, HISTORIES_MAX, ({ lastAt }) => lastAt),
      excesses: newest(this.excesses, EXCESSES_MAX, (at) => at),
      told: newest(this.told, TOLD_MAX, (at) => at),
    };
  }
}

interface RoundOptions {
  readonly groups: readonly OwnerGroup[];
  readonly options: StepOptions;
}

const BAN_ONLY: readonly BanKind[] = ["ban"];
const BAN_OR_CAP: readonly BanKind[] = ["ban", "cap"];

function newest<T>(map: Map<string, T>, max: number, at: (value: T) => number): Map<string, T> {
  if (map.size <= max) return map;
  return new Map([...map].sort(([, a], [, b]) => at(b) - at(a)).slice(0, max));
}
