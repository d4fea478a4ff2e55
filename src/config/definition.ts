// The parts inside zod's schemas that this room reads.

import type { z } from "zod";

export interface Definition {
  readonly type: string;
  readonly innerType?: z.ZodType;
  readonly element?: z.ZodType;
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly options?: readonly z.ZodType[];
  readonly in?: z.ZodType;
}

export function definition(schema: z.ZodType): Definition {
  return schema._zod.def as unknown as Definition;
}

/** The schema inside one that adds only a default or absence, and the mapping inside one that only renames values. */
export function unwrap(schema: z.ZodType): z.ZodType {
  const { type, innerType, in: from } = definition(schema);
  if ((type === "optional" || type === "prefault") && innerType) return unwrap(innerType);
  return type === "pipe" && from && definition(from).type === "object" ? from : schema;
}
