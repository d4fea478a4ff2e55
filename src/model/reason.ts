// What went wrong, in words: an error's own, or whatever was thrown in its place.

/** The words of whatever was thrown. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
