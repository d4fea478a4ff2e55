// Fields that may be absent.

import type { z } from "@hono/zod-openapi";

/**
 * `exactOptional` to the compiler, `optional` to the library, whose OpenAPI calls an `exactOptional` field required.
 * The two differ only in `undefined`, which JSON does not have.
 */
export function optionalField<S extends z.ZodType>(schema: S): z.ZodExactOptional<S> {
  return schema.optional() as unknown as z.ZodExactOptional<S>;
}
