// The fields of requests. Each is parsed here once, at the edge, and nothing unknown gets past. A source leaves as a
// Network, a term as milliseconds, an absent field as null.

import { z } from "@hono/zod-openapi";
import { DURATION_FORM, formatNetwork, type Network, parseDuration, parseNetwork } from "../model/index.ts";
import type { AllowRequest, BanRequest, EvictRequest, UnbanRequest } from "./contract.ts";
import { optionalField } from "./optional.ts";
import type { AllowCommand, BanCommand, EvictCommand, UnbanCommand } from "./service.ts";

export const SOURCES_PER_REQUEST_MAX = 50_000;
export const TOP_MAX = 10_000;
const TOP_DEFAULT = 100;
const REASON_CHARACTERS_MAX = 200;
const NAME_CHARACTERS_MAX = 64;
/** The longest IPv6 text with a prefix length has 49 characters. */
const SOURCE_CHARACTERS_MAX = 64;
const TERM_MIN_MS = 1000;
const TERM_MAX_MS = 366 * 86_400_000;
const CONNECTIONS_MAX = 1_000_000;

/** Line breaks, terminal commands, text that changes its direction, halves of characters. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

/** The values that each field takes, for error documents. */
export const ACCEPTED_IN_FIELD: Readonly<Record<string, string>> = {
  source: "an IPv4 or IPv6 address or network, as 192.0.2.1, 192.0.2.0/24, 2001:db8::/48",
  sources: `1 to ${SOURCES_PER_REQUEST_MAX} IPv4 or IPv6 addresses or networks, as 192.0.2.1, 192.0.2.0/24, 2001:db8::/48`,
  for: `from 1s to 366d: ${DURATION_FORM}`,
  reason: `one line of up to ${REASON_CHARACTERS_MAX} characters, without control characters`,
  listener: `the name of a listener, up to ${NAME_CHARACTERS_MAX} characters, without control characters`,
  connectionsPerSource: `a whole number from 1 to ${CONNECTIONS_MAX}`,
  top: `a whole number from 1 to ${TOP_MAX}`,
};

type SourceText = z.ZodType<Network, string>;

const source: SourceText = z
  .string()
  .max(SOURCE_CHARACTERS_MAX)
  .openapi({ example: "192.0.2.1" })
  .transform((text, context) => parseNetwork(text) ?? noteIssue(context, "is no address or network"));

/** Each source once, in whatever form it is written. */
const sources = z
  .array(source)
  .min(1)
  .max(SOURCES_PER_REQUEST_MAX)
  .transform((networks) => [
    ...new Map(networks.map((network) => [formatNetwork(network), network])).values(),
  ]);

const line = (most: number): z.ZodString =>
  z
    .string()
    .min(1)
    .max(most)
    .refine((text) => !UNPRINTABLE.test(text), "has control characters in it");

const term = z
  .string()
  .max(NAME_CHARACTERS_MAX)
  .openapi({ example: "1h30m" })
  .transform((text, context) => termInRange(text) ?? noteIssue(context, "is no duration in range"));

const reason = line(REASON_CHARACTERS_MAX);
const listener = line(NAME_CHARACTERS_MAX);

export const BanSchema: z.ZodType<BanCommand, BanRequest> = z
  .strictObject({
    sources,
    for: optionalField(term),
    reason: optionalField(reason),
    listener: optionalField(listener),
  })
  .openapi("BanRequest")
  .transform((given) => ({
    sources: given.sources,
    termMs: given.for ?? null,
    reason: given.reason ?? null,
    listener: given.listener ?? null,
  }));

export const UnbanSchema: z.ZodType<UnbanCommand, UnbanRequest> = z
  .strictObject({ sources: z.union([sources, z.literal("all")]) })
  .openapi("UnbanRequest");

export const AllowSchema: z.ZodType<AllowCommand, AllowRequest> = z
  .strictObject({
    source,
    connectionsPerSource: optionalField(z.int().min(1).max(CONNECTIONS_MAX)),
    reason: optionalField(reason),
  })
  .openapi("AllowRequest")
  .transform((given) => ({
    network: given.source,
    connectionsPerSource: given.connectionsPerSource ?? null,
    reason: given.reason ?? null,
  }));

export const EvictSchema: z.ZodType<EvictCommand, EvictRequest> = z
  .strictObject({ source, listener: optionalField(listener) })
  .openapi("EvictRequest")
  .transform((given) => ({ source: given.source, listener: given.listener ?? null }));

export const SourceParam: z.ZodObject<{ source: SourceText }> = z.object({ source });

export const CensusQuery: z.ZodObject<{ top: z.ZodType<number, string | undefined> }, z.core.$strict> =
  z.strictObject({
    top: z
      .string()
      .regex(/^[1-9]\d{0,4}$/, "is no whole number in range")
      .default(String(TOP_DEFAULT))
      .transform((text, context) =>
        Number(text) <= TOP_MAX ? Number(text) : noteIssue(context, "is no whole number in range"),
      ),
  });

function termInRange(text: string): number | null {
  const ms = parseDuration(text);
  return ms !== null && ms >= TERM_MIN_MS && ms <= TERM_MAX_MS ? ms : null;
}

function noteIssue(context: z.RefinementCtx, message: string): never {
  context.addIssue({ code: "custom", message });
  return z.NEVER;
}
