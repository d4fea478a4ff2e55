// Error documents: one shape for every error, with the field to blame and the values that would be accepted.

import type { Context, Env, TypedResponse } from "hono";
import { HTTPException } from "hono/http-exception";
import type { ErrorDocument } from "./contract.ts";
import { type Complaint, ServiceError, STATUS_OF } from "./errors.ts";
import { ACCEPTED_IN_FIELD } from "./requests.ts";

/** The parts of zod's issues that are read here. */
export interface ZodIssue {
  readonly code?: string | undefined;
  readonly message: string;
  readonly path: readonly PropertyKey[];
  readonly keys?: readonly string[];
  readonly errors?: readonly (readonly ZodIssue[])[];
}

/** Longer names of fields are garbage. */
const NAME_CHARACTERS_MAX = 64;

export function errorDocument({ code, message, field = null, accepted = null }: Complaint): ErrorDocument {
  return { schema: 1, error: { code, field, message, accepted } };
}

export function complain<E extends Env>(
  c: Context<E>,
  complaint: Complaint,
): Response & TypedResponse<ErrorDocument> {
  return c.json(errorDocument(complaint), STATUS_OF[complaint.code]) as Response &
    TypedResponse<ErrorDocument>;
}

/** The first fault of a request. */
export function complaintOf(issues: readonly ZodIssue[], where: string): Complaint {
  const issue = innermost(issues[0] ?? { message: "is not as it should be", path: [] });
  const unknown = issue.keys?.[0];
  if (unknown !== undefined) {
    const name = shortened(unknown);
    return {
      code: "invalid",
      field: name,
      message: `there is no field ${JSON.stringify(name)} in this request`,
      accepted: "the fields that /openapi.json lists for it",
    };
  }
  const field = fieldOf(issue.path);
  const message = field === null ? `${where}: ${issue.message}` : `${field}: ${issue.message}`;
  return { code: "invalid", field, message, accepted: ACCEPTED_IN_FIELD[String(issue.path[0])] ?? null };
}

/** The complaint that a thrown error makes to the caller; null for a fault of ours, whose words are not for others. */
export function complaintOfError(error: unknown): Complaint | null {
  if (error instanceof ServiceError) return error;
  if (error instanceof HTTPException && error.status < 500)
    return { code: "invalid", message: error.message, accepted: "one JSON object, in UTF-8" };
  return null;
}

/** Takes the alternative that came furthest: `sources[3]` says more than "neither a list nor all". */
function innermost(issue: ZodIssue): ZodIssue {
  const nested = (issue.errors ?? []).flatMap((branch) => branch.slice(0, 1));
  if (nested.length === 0) return issue;
  const deepest = nested.reduce((best, next) => (next.path.length > best.path.length ? next : best));
  return innermost({ ...deepest, path: [...issue.path, ...deepest.path] });
}

function fieldOf(path: readonly PropertyKey[]): string | null {
  if (path.length === 0) return null;
  return path
    .map((part) => (typeof part === "number" ? `[${part}]` : `.${shortened(String(part))}`))
    .join("")
    .replace(/^\./, "");
}

function shortened(name: string): string {
  return name.length > NAME_CHARACTERS_MAX ? `${name.slice(0, NAME_CHARACTERS_MAX)}...` : name;
}
