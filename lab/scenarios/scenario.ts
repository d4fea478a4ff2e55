// What a scenario of the catalogue is: who attacks, who is honest, what else happens, and what must hold. Plain data.
//
// Fields named ...TrueMs are times of the story, divided by the scale that it is played at: those that limits, clients
// and slow attacks have. Fields named ...Ms are the machine's own and stay as they are: bursts, calls, deadlines.

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
  /** Addresses of the held clients; 1 is a NAT address in front of all of them. */
  readonly addresses: number;
  readonly pingTrueMs: number;
  /** New calls come from this many addresses; "held" has them come from the held clients' own. */
  readonly callers: number | "held";
  readonly callEveryMs: number;
  /** Callers that are turned away try again after this, for a second; without it one failure is a failed call. */
  readonly callRetryMs?: number;
  /** Held clients that are cut come back within this. */
  readonly reconnectWithinMs?: number;
}

/** Phones that vanish without FIN: `held` more of them, at that time. */
export interface VanishPlan {
  readonly held: number;
  readonly atMs: number;
}

export type AttackSources =
  /** In blocks of neighbours, evenly in `networks` /24s; "own" gives each address a network of its own. */
  | { readonly family: 4 | 6; readonly addresses: number; readonly networks: number | "own" }
  /** The addresses of the honest clients. */
  | "honest"
  /** Forged ones, with those of the honest clients among them. */
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
  /** Between two messages on one connection. */
  readonly everyTrueMs?: number;
  readonly text?: string;
  /** Opens again what the server closes. */
  readonly persistent?: boolean;
  /** From how many processes; a single one opens some 7 000 connections a second. */
  readonly concurrency?: number;
}

/** What befalls server or daemon. */
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
  /** How long it lasts, where it lasts. */
  readonly forMs?: number;
}

/** Something that must hold of a result. */
export interface Requirement {
  readonly says: string;
  /** What is wrong, with its numbers; null where it holds. */
  readonly wrong: (result: ScenarioResult) => string | null;
}

export interface Scenario {
  /** As design.md has it, with the variant behind it: A4-near. */
  readonly id: string;
  readonly title: string;
  readonly server: ServerPlan;
  readonly honest: HonestPlan;
  /** So many more held clients behind one address, else as the others: an office. They count with the rest. */
  readonly office?: number;
  readonly vanishing?: VanishPlan;
  readonly attack: readonly AttackPhase[];
  readonly mishaps?: readonly MishapPlan[];
  /** When protection starts, from the beginning of the attack; without it before. */
  readonly protectedFromMs?: number;
  /** Sources that are banned by a file before the attack, with the time that one more takes. */
  readonly bansByFile?: { readonly sources: number; readonly attackFromThem: boolean };
  /** How long it is watched: the outage takes its time, protection shows soon. */
  readonly lasts: { readonly unprotectedMs: number; readonly protectedMs: number };
  /** Asks `diagnose` so long after the beginning, and `sipsak` at the end. */
  readonly diagnoseAtMs?: number;
  readonly secondCaller?: true;
  readonly expect: {
    /** That the attack bites when nothing stops it: without this the rest shows nothing. Null: A1 shows it for this one. */
    readonly unprotected: readonly Requirement[] | null;
    readonly protected: readonly Requirement[];
    /** With the strict limits; without it there is no strict play. */
    readonly strict?: readonly Requirement[];
  };
}
