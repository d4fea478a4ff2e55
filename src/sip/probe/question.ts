// The question of a probe: OPTIONS to the server itself, or a REGISTER of a user.

import type { Header } from "../message/header.ts";
import { bindingHeaders } from "../message/request.ts";
import { bracketed, escapeUser } from "../message/uri.ts";
import type { Target } from "../target.ts";
import type { Channel } from "../transport/channel.ts";
import type { Question } from "./request-series.ts";
import type { ProbeOptions } from "./result.ts";

/** Long enough for the probe, short enough to be gone soon where it could not be removed. */
const BINDING_SECONDS = 60;

export function questionOf(target: Target, options: ProbeOptions, channel: Channel): Question {
  if (options.method === "REGISTER") return registration(target, options, channel, BINDING_SECONDS);
  return {
    ...common(options),
    requestUri: target.requestUri,
    toUri: target.requestUri,
    fromUri: `sip:ping@${bracketed(channel.sentBy.host)}`,
    extra: [],
  };
}

/** The REGISTER that takes back what the first one did. */
export function removalOf(target: Target, options: ProbeOptions, channel: Channel): Question {
  return registration(target, options, channel, 0);
}

/** The user that a REGISTER is for, or null where none is known. */
export function registeredUser(target: Target, credentials: ProbeOptions["credentials"]): string | null {
  if (target.user !== null || credentials === null) return target.user;
  return escapeUser(credentials.user);
}

function registration(target: Target, options: ProbeOptions, channel: Channel, seconds: number): Question {
  const user = registeredUser(target, options.credentials) ?? "ping";
  const scheme = target.requestUri.startsWith("sips:") ? "sips" : "sip";
  const record = `${scheme}:${user}@${bracketed(target.host)}`;
  const extra: readonly Header[] = bindingHeaders(user, channel.sentBy, channel.viaTransport, seconds);
  return {
    ...common(options),
    requestUri: `${scheme}:${bracketed(target.host)}`,
    toUri: record,
    fromUri: record,
    extra,
  };
}

function common({
  method,
  maxForwards,
  userAgent,
}: ProbeOptions): Pick<Question, "method" | "maxForwards" | "userAgent"> {
  return { method, maxForwards, userAgent };
}
