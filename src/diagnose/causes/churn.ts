// churn: connections that come and go so fast that accepting them is the work. They hold nothing for long, but fill
// queues, ports and TIME_WAIT, and cost a handshake each.

import { percent } from "../../model/index.ts";
import { type Claim, clamp } from "../finding.ts";
import type { Scene } from "../scene.ts";
import { countText, numberText, rateText } from "../words.ts";

const PER_SECOND_MIN = 100;
/** At this rate it weighs fully. */
const PER_SECOND_FULL = 300;
/** Of those that came, so many went again while watched. */
const GONE_SHARE_MIN = 0.7;
/** Long-lived connections last for minutes: a listener that turns over faster than this serves no such clients. */
const TURNOVER_SECONDS_MAX = 60;
/** A program that turns newcomers away makes them come again: then that is the cause. */
const TURNED_AWAY_FACTOR = 0.5;
const SHOWN_SHARE_MIN = 0.5;

export function findChurn(scene: Scene): Claim | null {
  const { listener, headroom } = scene;
  const opened = scene.perSecond("Tcp.PassiveOpens");
  const gone = clamp((opened - Math.max(0, headroom.perSecond)) / Math.max(1, opened));
  const turnover = listener.connections / Math.max(1, opened);
  if (opened < PER_SECOND_MIN || gone < GONE_SHARE_MIN || turnover > TURNOVER_SECONDS_MAX) return null;
  const certainty = 0.6 + 0.35 * clamp((opened - PER_SECOND_MIN) / (PER_SECOND_FULL - PER_SECOND_MIN));
  const turnedAway = scene.atOwnLimit || scene.exhausted;
  const { closing } = listener.conduct;
  return {
    cause: "churn",
    confidence: certainty * (turnedAway ? TURNED_AWAY_FACTOR : 1),
    headline: `${numberText(opened)} connections a second are opened, and ${percent(gone)} of them end at once`,
    gist: "Not a hoard: connections that come and go.",
    evidence: [
      `${rateText(opened)} handshakes were finished in this network namespace, while the connections of ${listener.name} changed by ${rateText(headroom.perSecond)}.`,
      ...(closing > 0 ? [`${countText(closing, "connection")} to it are closing or in TIME_WAIT.`] : []),
      ...closers(scene),
    ],
    advice: [
      "Limit new connections per source at the first packet, for example nft with a dynamic set and `limit rate over`, sparing known gateways.",
      "See who closes first: a client that is refused at once and retries without a pause is a fault to be mended there.",
    ],
  };
}

/** The source that most of the closing connections belong to, if it is one. */
function closers({ listener }: Scene): string[] {
  const { closing } = listener.conduct;
  const most = listener.sources.reduce<(typeof listener.sources)[number] | null>(
    (best, next) => (best === null || next.closing > best.closing ? next : best),
    null,
  );
  if (most === null || closing === 0 || most.closing < SHOWN_SHARE_MIN * closing) return [];
  return [`${numberText(most.closing)} of those belong to ${most.source}.`];
}
