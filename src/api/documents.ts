// The contract's documents as schemas, for /openapi.json alone. Answers are not checked at run time. The compiler holds
// each schema equal to its type in contract.ts: a field that one of the two lacks does not compile.

import { z } from "@hono/zod-openapi";
import { PRESSURES, PROOFS, SEVERITIES, SLOTS_FROM } from "../model/index.ts";
import type {
  AllowlistDocument,
  BansDocument,
  CensusDocument,
  CheckDocument,
  DoneDocument,
  ErrorDocument,
  ExplainDocument,
  ReadDocuments,
  StatusDocument,
} from "./contract.ts";
import { exactly } from "./exactly.ts";
import { optional } from "./optional.ts";

const schema = z.literal(1);
const time = z.string().openapi({ format: "date-time" });
const count = z.int().min(0);
const proofs = z.record(z.enum(PROOFS), count);

const ban = z
  .object({
    source: z.string(),
    listener: z.string().nullable(),
    kind: z.enum(["ban", "cap"]),
    since: time,
    until: time,
    reason: z.string(),
    rule: z.string(),
    evicted: count,
    packets: count.nullable(),
  })
  .openapi("Ban");

const allow = z
  .object({
    source: z.string(),
    reason: z.string().nullable(),
    connectionsPerSource: count.nullable(),
    from: z.enum(["configuration", "operator", "protected"]),
    since: time.nullable(),
  })
  .openapi("Allow");

const Status: z.ZodType<StatusDocument> = exactly<StatusDocument>()(
  z
    .object({
      schema,
      mode: z.enum(["observe", "enforce"]),
      since: time,
      version: z.string(),
      listeners: z.array(
        z.object({
          name: z.string(),
          pressure: z.enum(PRESSURES),
          connections: count,
          used: count,
          slots: count.nullable(),
          slotsFrom: z.enum(SLOTS_FROM).nullable(),
          slotsWhere: z.string().nullable(),
          fdUsed: count.nullable(),
          fdLimit: count.nullable(),
          scanMs: z.number().nullable(),
          lastScanAt: time.nullable(),
        }),
      ),
      bans: count,
      caps: count,
      monitors: z.array(
        z.object({
          name: z.string(),
          target: z.string(),
          listener: z.string().nullable(),
          state: z.enum(["up", "degraded", "down"]).nullable(),
          since: time.nullable(),
          lastProbeAt: time.nullable(),
          outcome: z.string().nullable(),
          text: z.string().nullable(),
          totalMs: z.number().nullable(),
          availability: z.number().nullable(),
          certificateExpiresAt: time.nullable(),
        }),
      ),
      health: z.array(
        z.object({ code: z.string(), severity: z.enum(SEVERITIES), text: z.string(), since: time }),
      ),
    })
    .openapi("Status"),
);

const Bans: z.ZodType<BansDocument> = exactly<BansDocument>()(
  z.object({ schema, bans: z.array(ban) }).openapi("Bans"),
);

const Allowlist: z.ZodType<AllowlistDocument> = exactly<AllowlistDocument>()(
  z.object({ schema, allow: z.array(allow) }).openapi("Allowlist"),
);

interface ReadWords<Document> {
  readonly summary: string;
  /** What the answer is. */
  readonly answer: string;
  readonly document: z.ZodType<Document>;
}

/** What is read by its name alone. Each row is a route. */
export const READS: { readonly [Name in keyof ReadDocuments]: ReadWords<ReadDocuments[Name]> } = {
  status: {
    summary: "Mode, listeners, pressure, health",
    answer: "How the daemon and its listeners are",
    document: Status,
  },
  bans: { summary: "What is banned and capped", answer: "Every ban in force", document: Bans },
  allowlist: {
    summary: "Who is exempt or has another limit, and why",
    answer: "Every entry",
    document: Allowlist,
  },
};

export const Done: z.ZodType<DoneDocument> = exactly<DoneDocument>()(
  z
    .object({
      schema,
      done: z.array(z.object({ source: z.string(), changed: z.boolean(), evicted: optional(count) })),
      failed: z.array(z.object({ source: z.string(), error: z.string() })),
    })
    .openapi("Done"),
);

export const Explain: z.ZodType<ExplainDocument> = exactly<ExplainDocument>()(
  z
    .object({
      schema,
      source: z.string(),
      connections: z.array(z.object({ listener: z.string(), connections: count, proofs })),
      standing: z.array(
        z.object({ listener: z.string(), expected: z.number(), firstSeen: time, lastSeen: time }),
      ),
      matches: z.array(z.object({ rule: z.string(), would: z.string(), because: z.string() })),
      ban: optional(ban),
      allow: optional(allow),
    })
    .openapi("Explain"),
);

export const Check: z.ZodType<CheckDocument> = exactly<CheckDocument>()(
  z
    .object({
      schema,
      ok: z.boolean(),
      errors: z.array(
        z.object({
          file: z.string(),
          line: count,
          column: count,
          key: z.string(),
          message: z.string(),
          accepted: z.string(),
        }),
      ),
    })
    .openapi("Check"),
);

export const Census: z.ZodType<CensusDocument> = exactly<CensusDocument>()(
  z
    .object({
      schema,
      takenAt: time.nullable(),
      listeners: z.array(
        z.object({
          name: z.string(),
          connections: count,
          proofs,
          sources: z.array(z.object({ source: z.string(), connections: count, proofs })),
        }),
      ),
    })
    .openapi("Census"),
);

export const Problem: z.ZodType<ErrorDocument> = exactly<ErrorDocument>()(
  z
    .object({
      schema,
      error: z.object({
        code: z.enum([
          "invalid",
          "unauthorized",
          "forbidden",
          "not-found",
          "conflict",
          "too-large",
          "internal",
          "unavailable",
        ]),
        field: z.string().nullable(),
        message: z.string(),
        accepted: z.string().nullable(),
      }),
    })
    .openapi("Error"),
);
