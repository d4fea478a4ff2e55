// The two kinds of errors: a refusal by the world outside, and a mistake of ours.

/**
 * The kernel, the disk, another program or a peer refused something. People are told its message and no stack. Each
 * room has classes of its own, with a code. A class does not cross a thread: the thread's messages carry the message,
 * and the other end throws a refusal of its own.
 */
export abstract class Refusal extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
  }
}

/** The code of a system's error, such as `ENOENT`; empty for an error without one. */
export function errorCode(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : null;
  return typeof code === "string" ? code : "";
}

/** The message of a thrown value. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The message of a refusal, or the stack of a mistake of ours, so that somebody can find out what happened. */
export function traceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error instanceof Refusal ? error.message : (error.stack ?? error.message);
}
