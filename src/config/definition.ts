// The inside of zod's schemas, as far as it is looked at here.

import type { z } from "zod";

/** The parts of zod's definitions that are looked at. */
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

/** The form inside what only says what is so when it is left out, and the mapping inside what only names its values anew. */
export function unwrap(schema: z.ZodType): z.ZodType {
  const { type, innerType, in: from } = definition(schema);
  if ((type === "optional" || type === "prefault") && innerType) return unwrap(innerType);
  return type === "pipe" && from && definition(from).type === "object" ? from : schema;
}
