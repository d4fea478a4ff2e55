// What a request may say: every field is parsed here, at the edge, and nothing unknown gets past. Behind it a source is
// an address or network in its canonical form, a duration is one, and text is one line.

import { z } from "@hono/zod-openapi";
import { DURATION_FORM, formatNetwork, parseDuration, parseNetwork } from "../model/index.ts";
import type { AllowRequest, BanRequest, EvictRequest, UnbanRequest } from "./contract.ts";
import { optional } from "./optional.ts";

export const SOURCES_MAX = 50_000;
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

/** What each field takes, for error documents. */
export const ACCEPTED: Readonly<Record<string, string>> = {
  source: "an IPv4 or IPv6 address or network, as 192.0.2.1, 192.0.2.0/24, 2001:db8::/48",
  sources: `1 to ${SOURCES_MAX} IPv4 or IPv6 addresses or networks, as 192.0.2.1, 192.0.2.0/24, 2001:db8::/48`,
  for: `from 1s to 366d: ${DURATION_FORM}`,
  reason: `one line of up to ${REASON_CHARACTERS_MAX} characters, without control characters`,
  listener: `the name of a listener, up to ${NAME_CHARACTERS_MAX} characters, without control characters`,
  connectionsPerSource: `a whole number from 1 to ${CONNECTIONS_MAX}`,
  top: `a whole number from 1 to ${TOP_MAX}`,
};

const source: z.ZodString = z
  .string()
  .max(SOURCE_CHARACTERS_MAX)
  .refine((text) => parseNetwork(text) !== null, "is no address or network")
  .openapi({ example: "192.0.2.1" });

const sources = z.array(source).min(1).max(SOURCES_MAX);

const line = (most: number): z.ZodString =>
  z
    .string()
    .min(1)
    .max(most)
    .refine((text) => !UNPRINTABLE.test(text), "has control characters in it");

const term = z
  .string()
  .max(NAME_CHARACTERS_MAX)
  .refine((text) => isTerm(parseDuration(text)), "is no duration in range")
  .openapi({ example: "1h30m" });

const reason = line(REASON_CHARACTERS_MAX);
const listener = line(NAME_CHARACTERS_MAX);

export const BanSchema: z.ZodType<BanRequest> = z
  .strictObject({
    sources,
    for: optional(term),
    reason: optional(reason),
    listener: optional(listener),
  })
  .openapi("BanRequest");

export const UnbanSchema: z.ZodType<UnbanRequest> = z
  .strictObject({ sources: z.union([sources, z.literal("all")]) })
  .openapi("UnbanRequest");

export const AllowSchema: z.ZodType<AllowRequest> = z
  .strictObject({
    source,
    connectionsPerSource: optional(z.int().min(1).max(CONNECTIONS_MAX)),
    reason: optional(reason),
  })
  .openapi("AllowRequest");

export const EvictSchema: z.ZodType<EvictRequest> = z
  .strictObject({ source, listener: optional(listener) })
  .openapi("EvictRequest");

export const SourceParam: z.ZodObject<{ source: typeof source }> = z.object({ source });

export const CensusQuery: z.ZodObject<{ top: z.ZodDefault<z.ZodString> }, z.core.$strict> = z.strictObject({
  top: z
    .string()
    .regex(/^[1-9]\d{0,4}$/, "is no whole number in range")
    .refine((text) => Number(text) <= TOP_MAX, "is no whole number in range")
    .default(String(TOP_DEFAULT)),
});

/** The one form in which the service and the kernel know it. */
export function canonicalSource(text: string): string {
  const network = parseNetwork(text);
  return network === null ? text : formatNetwork(network);
}

function isTerm(ms: number | null): boolean {
  return ms !== null && ms >= TERM_MIN_MS && ms <= TERM_MAX_MS;
}
