// Holds a schema and a type of the contract together at compile time.

import type { z } from "@hono/zod-openapi";

/** The same type with everything in it writable, since a schema knows no readonly. */
type Plain<T> = T extends readonly (infer Item)[]
  ? Plain<Item>[]
  : T extends object
    ? { -readonly [Key in keyof T]: Plain<T[Key]> }
    : T;

/** Whether two types are one: fields, which of them may be absent, and every literal. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/**
 * The schema as one of `Document`. If its values are not exactly those of `Document`, the call lacks an argument that
 * nobody can give, and does not compile.
 */
export function exactly<Document>(): <S extends z.ZodType>(
  schema: S,
  ...different: Same<Plain<z.output<S>>, Plain<Document>> extends true ? [] : [never]
) => z.ZodType<Document> {
  return (schema, ..._different) => schema as unknown as z.ZodType<Document>;
}
