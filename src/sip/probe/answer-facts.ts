// The facts that a response tells besides its code, fit to be shown.

import { headerValue } from "../message/header.ts";
import { seenAs } from "../message/match.ts";
import { displayText } from "../message/text.ts";
import { bracketed } from "../message/uri.ts";
import type { Via } from "../message/via.ts";
import type { Replied } from "./request-series.ts";
import type { AnswerFacts } from "./result.ts";

export function answerFacts(replied: Replied, bindingRemoved: boolean | null): AnswerFacts {
  const { headers } = replied.response;
  const shown = (name: string) => {
    const value = headerValue(headers, name);
    return value === null ? null : displayText(value, 120);
  };
  return {
    server: shown("Server") ?? shown("User-Agent"),
    contact: shown("Contact"),
    retryAfter: shown("Retry-After"),
    warning: shown("Warning"),
    seenAs: seenAsText(replied.via),
    authenticated: replied.authenticated,
    nonceRenewed: replied.nonceRenewed,
    bindingRemoved,
  };
}

function seenAsText(via: Via): string | null {
  // A WebSocket client has no address of its own in Via, so every address looks translated there.
  if (via.host.endsWith(".invalid")) return null;
  const { address, port } = seenAs(via);
  if (address === null && port === null) return null;
  return displayText(`${bracketed(address ?? via.host)}:${port ?? via.port}`, 60);
}
