// dead-peers: clients that went without a word (a phone without battery, a NAT that forgot them). The proof is a
// missing answer: data resent in vain, keep-alive probes unanswered.

import { percent } from "../../model/index.ts";
import { type Claim, confidenceOf } from "../finding.ts";
import { type Scene, shareOf } from "../scene.ts";
import { fellQuiet } from "../shown.ts";
import { countText, listText, numberText } from "../words.ts";

const CERTAINTY_UNANSWERED = 0.93;
/** Quiet alone is no proof of death, and matters only where slots are scarce. */
const CERTAINTY_QUIET = { tight: 0.62, calm: 0.4 } as const;
const DEAD_MIN = 10;

export function findDeadPeers(scene: Scene): Claim | null {
  const { listener, suspects, tight } = scene;
  const { unanswered, onceHeld } = listener.accepted;
  // A hoarder's connections belong to the hoard.
  const quiet = Math.max(
    0,
    fellQuiet(listener.accepted) + onceHeld - suspects.kinds.quiet - suspects.kinds.onceHeld,
  );
  const dead = unanswered + quiet;
  if (dead < DEAD_MIN) return null;
  const quietCertainty = CERTAINTY_QUIET[tight ? "tight" : "calm"];
  const certainty = (unanswered * CERTAINTY_UNANSWERED + quiet * quietCertainty) / dead;
  const sources = listener.sources.filter(
    ({ accepted }) => accepted.unanswered + fellQuiet(accepted) + accepted.onceHeld > 0,
  ).length;
  const parts = [
    ...(unanswered > 0 ? [`${numberText(unanswered)} answer nothing any more`] : []),
    ...(quiet > 0 ? [`${numberText(quiet)} have been quiet for longer than their protocol allows`] : []),
  ];
  return {
    cause: "dead-peers",
    confidence: confidenceOf(certainty, shareOf(dead, scene)),
    headline: `${numberText(dead)} of its ${countText(listener.connections, "connection")} belong to peers that seem to be gone`,
    gist: "Not an attack: clients that vanished without closing.",
    evidence: [
      `Of ${listener.name}, ${listText(parts)} (${percent(shareOf(dead, scene))} of all), from ${countText(sources, "source")}.`,
      ...resent(scene),
    ],
    advice: [
      "Let the kernel find out sooner: TCP keep-alive in the program (Kamailio: tcp_keepalive, tcp_keepidle 60 to 300), net.ipv4.tcp_keepalive_time well below its default of two hours, and TCP_USER_TIMEOUT where the program offers it.",
      "Nobody is to be banned: these clients come back from another port or address.",
    ],
  };
}

function resent({ rose }: Scene): string[] {
  const segments = rose("Tcp.RetransSegs");
  return segments === 0 ? [] : [`${countText(segments, "segment")} were sent again while watched.`];
}
