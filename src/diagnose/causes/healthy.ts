// healthy: nothing else explains much. Says what the connections are, and why the largest source is no hoard.

import { percent } from "../../model/index.ts";
import { type Claim, clamp } from "../finding.ts";
import type { Scene } from "../scene.ts";
import { inHonestUse, young } from "../shown.ts";
import { countText, numberText, rateText } from "../words.ts";

/** As sure as a scan of a few seconds can make one. */
const CERTAINTY_MAX = 0.95;
const LARGE_SOURCE_SHARE = 0.2;
const LARGE_SOURCE_MIN = 20;

/** `strongest` is the confidence of the best other explanation. `scene` is null where nothing listens. */
export function healthy(scene: Scene | null, strongest: number): Claim {
  const confidence = clamp(Math.min(CERTAINTY_MAX, 1 - strongest));
  if (scene === null) {
    return {
      cause: "healthy",
      confidence,
      headline: "nothing listens here",
      gist: "Nothing to diagnose.",
      evidence: ["No TCP listener was found."],
      advice: ["Give --port or --netns if a service was meant."],
    };
  }
  const { listener, headroom } = scene;
  if (listener.connections === 0) return nobodyConnected(listener.name, confidence);
  const waiting = listener.conduct.queued;
  const newcomers = young(listener.accepted);
  return {
    cause: "healthy",
    confidence,
    headline:
      newcomers > listener.connections / 2
        ? `nothing is wrong with its ${countText(listener.connections, "connection")} yet, most of which are too young to judge`
        : `its ${countText(listener.connections, "connection")} behave as honest clients do`,
    gist: "Nothing is running out.",
    evidence: [
      `${listener.name} holds ${countText(listener.connections, "connection")}${headroom.slots === null ? "" : ` of ${countText(headroom.slots, "slot")}`}, ${numberText(inHonestUse(listener.accepted))} of which are in use; ${waiting === 0 ? "none waits to be accepted" : `${numberText(waiting)} wait to be accepted`}.`,
      ...(newcomers === 0
        ? []
        : [
            `${countText(newcomers, "connection")} said one thing or nothing so far, too short a time ago to judge.`,
          ]),
      ...(headroom.perSecond === 0 ? [] : [`They changed by ${rateText(headroom.perSecond)} while watched.`]),
      ...comingBack(scene),
      ...largest(scene),
    ],
    advice: ["Nothing needs to be done."],
  };
}

function nobodyConnected(name: string, confidence: number): Claim {
  return {
    cause: "healthy",
    confidence,
    headline: "nobody is connected",
    gist: "Nothing is running out.",
    evidence: [`No listener is nearer to exhaustion than ${name}, and nobody is connected to it.`],
    advice: ["Nothing needs to be done."],
  };
}

function comingBack({ settled, owner, headroom }: Scene): string[] {
  return settled || headroom.perSecond <= 0
    ? []
    : [`${owner?.name ?? "The server"} started a short while ago: its clients are coming back.`];
}

/** A source with many connections deserves a word why it is not suspected. */
function largest({ listener }: Scene): string[] {
  const [first] = listener.sources;
  if (first === undefined || first.connections < LARGE_SOURCE_MIN) return [];
  const share = first.connections / Math.max(1, listener.connections);
  if (share < LARGE_SOURCE_SHARE) return [];
  return [
    `${first.source} holds ${numberText(first.connections)} of them (${percent(share)}), ${numberText(inHonestUse(first.accepted))} in use: an office, a proxy or carrier NAT, no hoard.`,
  ];
}
