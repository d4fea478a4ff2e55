// half-open-flood: handshakes that are never finished. Their source addresses are forged more often than not, so none is
// ever blamed: whoever bans them lets a forger choose whom to shut out.

import { type Claim, clamp } from "../finding.ts";
import type { Scene } from "../scene.ts";
import { countText, listText, numberText, rateText } from "../words.ts";

/** Beyond what the present rate of arrivals explains. */
const HALF_OPEN_MIN = 64;
/** Honest handshakes take one round trip; a second is a long one. */
const HONEST_ROUND_TRIP_SECONDS = 1;
const COOKIES_PER_SECOND_MIN = 10;
/** A full accept queue leaves handshakes unfinished as well. */
const QUEUE_FULL_FACTOR = 0.3;

export function findHalfOpenFlood(scene: Scene): Claim | null {
  const { listener, perSecond, headroom } = scene;
  const arriving = Math.max(0, headroom.perSecond, perSecond("Tcp.PassiveOpens"));
  const excess = listener.conduct.halfOpen - HONEST_ROUND_TRIP_SECONDS * arriving;
  const cookies = perSecond("TcpExt.SyncookiesSent");
  const dropped = perSecond("TcpExt.TCPReqQFullDrop");
  const overflowing = listener.conduct.halfOpen > 0 && cookies + dropped >= COOKIES_PER_SECOND_MIN;
  if (excess < HALF_OPEN_MIN && !overflowing) return null;
  const sources = listener.sources.filter(({ halfOpen }) => halfOpen > 0);
  const unfinished = Math.max(excess, cookies + dropped);
  const certainty = 0.6 + 0.35 * clamp(unfinished / (unfinished + arriving));
  const { used, limit } = listener.backlog;
  const queueFull = limit > 0 && used >= limit;
  const also = sources.filter(({ connections }) => connections > 0).length;
  return {
    cause: "half-open-flood",
    confidence: certainty * (queueFull ? QUEUE_FULL_FACTOR : 1),
    headline: `${countText(listener.conduct.halfOpen, "handshake")} from ${countText(sources.length, "address", "addresses")} are begun and never finished`,
    gist: "A SYN flood: it fills the SYN queue, not the descriptors, and its addresses are probably forged.",
    evidence: [
      `${countText(listener.conduct.halfOpen, "half-open connection")} of ${listener.name} from ${countText(sources.length, "address", "addresses")}${also > 0 ? "" : ", none of which holds a single finished connection"}; ${rateText(arriving)} handshakes are finished meanwhile.`,
      ...counters(scene),
    ],
    advice: [
      "Ban nobody for this: the addresses are forged or unreachable, and a ban would shut out whoever really has them.",
      "Keep net.ipv4.tcp_syncookies at 1 and raise net.ipv4.tcp_max_syn_backlog with the program's backlog; ask the provider to filter if the line itself fills up.",
    ],
  };
}

function counters({ rose, seconds }: Scene): string[] {
  const named: readonly (readonly [name: string, says: string])[] = [
    ["TcpExt.SyncookiesSent", "SYN cookies sent"],
    ["TcpExt.TCPReqQFullDrop", "SYNs dropped by a full SYN queue"],
    ["TcpExt.TCPTimeouts", "timeouts"],
    ["Tcp.AttemptFails", "handshakes given up"],
  ];
  const seen = named
    .filter(([name]) => rose(name) > 0)
    .map(([name, says]) => `${numberText(rose(name))} ${says}`);
  return seen.length === 0 ? [] : [`In ${numberText(seconds)} s: ${listText(seen)}.`];
}
