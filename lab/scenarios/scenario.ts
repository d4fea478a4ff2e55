// A scenario of the catalogue: who attacks, who is honest, what else happens, and what must hold. Plain data.
//
// Fields named ...TrueMs are times of the story: those of limits, clients and slow attacks. They are divided by the
// scale of the play. Fields named ...Ms are the machine's own and stay as they are: bursts, calls, deadlines.

import type { Behaviour } from "../behaviours.ts";
import type { KamailioOptions } from "../kamailio.ts";
import type { ScenarioResult } from "../play-result.ts";

export type ServerPlan =
  | ({ readonly kind: "kamailio" } & Pick<
      KamailioOptions,
      "descriptors" | "connections" | "digest" | "keepAlive"
    >)
  | { readonly kind: "mosquitto"; readonly descriptors: number }
  | { readonly kind: "echo"; readonly descriptors: number; readonly mode?: "echo" | "leak" };

export interface HonestPlan {
  readonly held: number;
  /** How many addresses the held clients have; 1 is a NAT address in front of all of them. */
  readonly addresses: number;
  readonly pingTrueMs: number;
  /** How many addresses new calls come from; "held" means the held clients' own. */
  readonly callers: number | "held";
  readonly callEveryMs: number;
  /** Callers that are turned away try again after this time, for a second. If not given, one failure is a failed call. */
  readonly callRetryMs?: number;
  /** Held clients that are cut come back within this time. */
  readonly reconnectWithinMs?: number;
}

/** Phones that vanish without FIN: `held` additional ones, at that time. */
export interface VanishPlan {
  readonly held: number;
  readonly atMs: number;
}

export type AttackSources =
  /** Addresses in blocks of neighbours, evenly in `networks` /24s; "own" gives each address a network of its own. */
  | { readonly family: 4 | 6; readonly addresses: number; readonly networks: number | "own" }
  /** The addresses of the honest clients. */
  | "honest"
  /** Forged addresses, with those of the honest clients among them. */
  | { readonly forged: number; readonly withHonest: true };

export type AttackSpeed =
  | { readonly count: number; readonly perTrueMs: number }
  | { readonly perSecond: number }
  | "at once";

export interface AttackPhase {
  readonly atMs?: number;
  readonly behaviour: Behaviour;
  readonly count: number;
  readonly speed: AttackSpeed;
  readonly sources: AttackSources;
  /** The time between two messages on one connection. */
  readonly everyTrueMs?: number;
  readonly text?: string;
  /** Whether it opens again what the server closes. */
  readonly persistent?: boolean;
  /** How many processes open connections; a single one opens some 7 000 a second. */
  readonly concurrency?: number;
}

/** Mishaps of server or daemon. */
export type Mishap =
  | "flush-ruleset"
  | "kill-daemon"
  | "restart-daemon"
  | "full-disk"
  | "clock-jump"
  | "restart-server";

export interface MishapPlan {
  readonly atMs: number;
  readonly mishap: Mishap;
  /** How long the mishap lasts, if it lasts. */
  readonly forMs?: number;
}

/** Something that must hold of a result. */
export interface Requirement {
  readonly says: string;
  /** The fault, with its numbers; null if the requirement holds. */
  readonly wrong: (result: ScenarioResult) => string | null;
}

export interface Scenario {
  /** The id of design.md, with the variant behind it: A4-near. */
  readonly id: string;
  readonly title: string;
  readonly server: ServerPlan;
  readonly honest: HonestPlan;
  /**
   * An office: this many additional held clients, behind one address and otherwise like the others. They count with the
   * rest.
   */
  readonly office?: number;
  readonly vanishing?: VanishPlan;
  readonly attack: readonly AttackPhase[];
  readonly mishaps?: readonly MishapPlan[];
  /** When protection starts, from the beginning of the attack; if not given, before it. */
  readonly protectedFromMs?: number;
  /** Sources that a file bans before the attack. The play also times one more ban. */
  readonly bansByFile?: { readonly sources: number; readonly attackFromThem: boolean };
  /** How long the play is watched: an outage takes its time, protection shows soon. */
  readonly lasts: { readonly unprotectedMs: number; readonly protectedMs: number };
  /** When `diagnose` is asked, from the beginning of the attack. */
  readonly diagnoseAtMs?: number;
  /** Whether `sipsak` calls at the end. */
  readonly secondCaller?: true;
  readonly expect: {
    /** The attack bites when nothing stops it: without this the rest shows nothing. Null if A1 shows it for this one. */
    readonly unprotected: readonly Requirement[] | null;
    readonly protected: readonly Requirement[];
    /** The play with the strict limits; if not given, there is none. */
    readonly strict?: readonly Requirement[];
  };
}
