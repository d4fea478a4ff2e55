// Fields that may be absent.

import type { z } from "@hono/zod-openapi";

/**
 * `exactOptional` for the compiler, `optional` for the library, whose OpenAPI takes the former for required. They differ
 * in `undefined`, which JSON does not have.
 */
export function optionalField<S extends z.ZodType>(schema: S): z.ZodExactOptional<S> {
  return schema.optional() as unknown as z.ZodExactOptional<S>;
}
