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
import { optionalField } from "./optional.ts";

const schema = z.literal(1);
const time = z.string().openapi({ format: "date-time" });
const natural = z.int().min(0);
const proofs = z.record(z.enum(PROOFS), natural);

const ban = z
  .object({
    source: z.string(),
    listener: z.string().nullable(),
    kind: z.enum(["ban", "cap"]),
    since: time,
    until: time,
    reason: z.string(),
    rule: z.string(),
    evicted: natural,
    packets: natural.nullable(),
  })
  .openapi("Ban");

const allow = z
  .object({
    source: z.string(),
    reason: z.string().nullable(),
    connectionsPerSource: natural.nullable(),
    from: z.enum(["configuration", "operator", "protected"]),
    since: time.nullable(),
  })
  .openapi("Allow");

const StatusSchema: z.ZodType<StatusDocument> = exactly<StatusDocument>()(
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
          connections: natural,
          used: natural,
          slots: natural.nullable(),
          slotsFrom: z.enum(SLOTS_FROM).nullable(),
          slotsWhere: z.string().nullable(),
          fdUsed: natural.nullable(),
          fdLimit: natural.nullable(),
          scanMs: z.number().nullable(),
          lastScanAt: time.nullable(),
        }),
      ),
      bans: natural,
      caps: natural,
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

const BansSchema: z.ZodType<BansDocument> = exactly<BansDocument>()(
  z.object({ schema, bans: z.array(ban) }).openapi("Bans"),
);

const AllowlistSchema: z.ZodType<AllowlistDocument> = exactly<AllowlistDocument>()(
  z.object({ schema, allow: z.array(allow) }).openapi("Allowlist"),
);

interface ReadWords<Document> {
  readonly summary: string;
  /** The answer, in words. */
  readonly answer: string;
  readonly document: z.ZodType<Document>;
}

/** The documents that are read by name alone. Each row is a route. */
export const READS: { readonly [Name in keyof ReadDocuments]: ReadWords<ReadDocuments[Name]> } = {
  status: {
    summary: "Mode, listeners, pressure, health",
    answer: "How the daemon and its listeners are",
    document: StatusSchema,
  },
  bans: { summary: "What is banned and capped", answer: "Every ban in force", document: BansSchema },
  allowlist: {
    summary: "Who is exempt or has another limit, and why",
    answer: "Every entry",
    document: AllowlistSchema,
  },
};

export const DoneSchema: z.ZodType<DoneDocument> = exactly<DoneDocument>()(
  z
    .object({
      schema,
      done: z.array(z.object({ source: z.string(), changed: z.boolean(), evicted: optionalField(natural) })),
      failed: z.array(z.object({ source: z.string(), error: z.string() })),
    })
    .openapi("Done"),
);

export const ExplainSchema: z.ZodType<ExplainDocument> = exactly<ExplainDocument>()(
  z
    .object({
      schema,
      source: z.string(),
      connections: z.array(z.object({ listener: z.string(), connections: natural, proofs })),
      standing: z.array(
        z.object({ listener: z.string(), expected: z.number(), firstSeen: time, lastSeen: time }),
      ),
      matches: z.array(z.object({ rule: z.string(), would: z.string(), because: z.string() })),
      ban: optionalField(ban),
      allow: optionalField(allow),
    })
    .openapi("Explain"),
);

export const CheckSchema: z.ZodType<CheckDocument> = exactly<CheckDocument>()(
  z
    .object({
      schema,
      ok: z.boolean(),
      errors: z.array(
        z.object({
          file: z.string(),
          line: natural,
          column: natural,
          key: z.string(),
          message: z.string(),
          accepted: z.string(),
        }),
      ),
    })
    .openapi("Check"),
);

export const CensusSchema: z.ZodType<CensusDocument> = exactly<CensusDocument>()(
  z
    .object({
      schema,
      takenAt: time.nullable(),
      listeners: z.array(
        z.object({
          name: z.string(),
          connections: natural,
          proofs,
          sources: z.array(z.object({ source: z.string(), connections: natural, proofs })),
        }),
      ),
    })
    .openapi("Census"),
);

export const ErrorSchema: z.ZodType<ErrorDocument> = exactly<ErrorDocument>()(
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
