// Whether two selectors can match one listening socket: each socket has one policy.

import { contains, type ListenerSelector, type Network } from "../model/index.ts";

/** Words for what both match; null where no socket matches both. */
export function overlap(a: ListenerSelector, b: ListenerSelector): string | null {
  if (a.netns !== b.netns) return null;
  if (a.process !== null && b.process !== null && a.process !== b.process) return null;
  if (a.address !== null && b.address !== null && !haveCommon(a.address, b.address)) return null;
  if (a.ports === null || b.ports === null) return portWords(a.ports ?? b.ports);
  const ports = new Set(b.ports);
  const common = a.ports.filter((port) => ports.has(port));
  return common.length === 0 ? null : portWords(common);
}

function portWords(ports: readonly number[] | null): string {
  if (ports === null) return "any port";
  const more = ports.length > 3 ? ` and ${ports.length - 3} more` : "";
  return `port ${ports.slice(0, 3).join(", ")}${more}`;
}

/** Two networks have something in common only if one lies in the other. */
function haveCommon(a: Network, b: Network): boolean {
  return a.bits <= b.bits ? contains(a, b.address) : contains(b, a.address);
}
