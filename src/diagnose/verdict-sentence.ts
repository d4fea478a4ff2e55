// The verdict in one sentence or two: who holds how much, why, how fast it grows, and what it is not.

import type { RankedCause } from "./finding.ts";
import type { Scene } from "./scene.ts";
import { countText, numberText, rateText, waitText } from "./words.ts";

/** `scene` is of the listener that the finding is about, or else of the one nearest to exhaustion. */
export function verdictSentence(finding: RankedCause, scene: Scene | null): string {
  if (scene === null || finding.listener === null) return `${capital(finding.headline)}. ${finding.gist}`;
  const parts = [finding.headline, ...pace(scene)];
  return `${holder(scene)}; ${parts.join("; ")}. ${finding.gist}`;
}

function holder({ owner, listener }: Scene): string {
  if (owner === null) return `${listener.name} has ${countText(listener.connections, "connection")}`;
  const name = `${owner.name ?? "?"} (pid ${owner.pid})`;
  const { descriptors } = owner;
  if (descriptors === null) return `${name} has ${countText(listener.connections, "connection")}`;
  const limit = Number.isFinite(descriptors.soft) ? numberText(descriptors.soft) : "unlimited";
  return `${name} holds ${numberText(descriptors.used)} of ${limit} descriptors`;
}

function pace({ headroom }: Scene): string[] {
  const { perSecond, secondsToFull } = headroom;
  if (secondsToFull === 0) return ["full"];
  if (Math.abs(perSecond) < 0.05) return [];
  return secondsToFull === null
    ? [rateText(perSecond)]
    : [rateText(perSecond), `full in ${waitText(1000 * secondsToFull)}`];
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
