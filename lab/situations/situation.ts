// A staged situation: what plays, and which cause `diagnose` has to name first. Times are a tenth or less of real ones;
// the options of `diagnose` are scaled alike.

import { setTimeout as sleep } from "node:timers/promises";
import type { Lab } from "../lab.ts";
import type { ServerAddress } from "../messages.ts";

export interface Situation {
  /** The name in the catalogue: kebab-case, unique. */
  readonly name: string;
  /** What is going on, in a sentence. */
  readonly story: string;
  /** The causes that may come first. The first of them ought to. */
  readonly expected: readonly [string, ...string[]];
  /** Causes that must be named as well. */
  readonly alsoNamed?: readonly string[];
  /** Programs without which it cannot be staged. */
  readonly needs?: readonly string[];
  /** Resolves when everything stands. The returned function runs while `diagnose` scans. */
  readonly stage: (lab: Lab) => Promise<void | (() => Promise<void>)>;
}

/** The options of `diagnose` for every situation: silent after 1.5 s in place of 30, idle after 2 s in place of 120. */
export const SITUATION_OPTIONS: readonly string[] = [
  "--seconds",
  "2",
  "--silent-for",
  "1500ms",
  "--stalled-for",
  "1500ms",
  "--idle-after",
  "2s",
];

/** How often honest clients say something: well within the scaled silences, even on a busy machine. */
export const TALK_MS = 600;

/**
 * Waits until connections are silent, and in the second case held for 1.5 x the normal silence, with something to
 * spare.
 */
export const grownSilent = (): Promise<void> => sleep(1800);
export const grownQuiet = (): Promise<void> => sleep(3300);
/** Waits until a server no longer counts as just restarted: 2.5 x the normal silence. */
export const settled = (): Promise<void> => sleep(5200);

export const sipServer = (lab: Lab): ServerAddress => ({ address: lab.victimAddress4, port: 5060 });
export const mqttServer = (lab: Lab): ServerAddress => ({ address: lab.victimAddress4, port: 1883 });
