// program-leak: the peer has closed, the program has not (CLOSE_WAIT). Whoever the peers are, it is the program's fault.

import { percent } from "../../model/index.ts";
import { type Claim, COMMAND_MARK, clamp, confidenceOf } from "../finding.ts";
import { type Scene, shareOf } from "../scene.ts";
import { countText, numberText, rateText } from "../words.ts";

const CERTAINTY = 0.95;
const LEAKED_MIN = 20;
/** A program that is about to close has them, too, for a moment: these were there in the first scan. */
const LASTING_SHARE_MIN = 0.5;
/** A program that does nothing at all closes nothing either. */
const HANGING_FACTOR = 0.4;

export function findProgramLeak(scene: Scene): Claim | null {
  const { listener, owner, seconds } = scene;
  const { leaked } = listener.accepted;
  const before = Math.min(leaked, listener.conductBefore.leaked);
  if (leaked < LEAKED_MIN || before < LASTING_SHARE_MIN * leaked) return null;
  const sources = listener.sources.filter(({ accepted }) => accepted.leaked > 0).length;
  const grew = (listener.conduct.leaked - listener.conductBefore.leaked) / seconds;
  const hangs = owner?.state === "T" || (scene.queueStands && !scene.exhausted);
  const name = owner?.name ?? "the program";
  return {
    cause: "program-leak",
    confidence: clamp(confidenceOf(CERTAINTY, shareOf(leaked, scene)) * (hangs ? HANGING_FACTOR : 1)),
    headline: `${numberText(leaked)} of its ${countText(listener.connections, "connection")} were closed by the peer and never by the program (CLOSE_WAIT)`,
    gist: "Not an attack: the program leaks descriptors.",
    evidence: [
      `${countText(leaked, "connection")} of ${listener.name} (${percent(shareOf(leaked, scene))}) are in CLOSE_WAIT: ${countText(sources, "source")} closed them, ${name} did not, and at least ${numberText(before)} have stayed so while watched.`,
      ...(grew > 0 ? [`They grew by ${rateText(grew)} while watched.`] : []),
    ],
    advice: [
      `This is a fault of ${name}: look for an update or report it. No address is to blame, and no limit, timeout of the kernel or ban cures it: CLOSE_WAIT has no clock.`,
      `Until it is mended, restart it before it reaches its limit; this frees them at once where the program notices errors on its sockets:`,
      `${COMMAND_MARK}ss -K state close-wait sport = :${listener.port}`,
    ],
  };
}
