// Output to a person or a pipe: text and JSON to stdout, notes to stderr.

import { styleText } from "node:util";
import { traceOf } from "../model/index.ts";
import { ExitCode } from "./exit-code.ts";

/** The version of every JSON document. */
export const DOCUMENT_SCHEMA = 1;

export type Style = Parameters<typeof styleText>[0];

/** Paints text where it goes to a terminal that wants colours (NO_COLOR, FORCE_COLOR and TERM are heeded). */
export type Paint = (style: Style, text: string) => string;

export const paintStdout: Paint = (style, text) => styleText(style, text, { stream: process.stdout });
export const paintStderr: Paint = (style, text) => styleText(style, text, { stream: process.stderr });
export const noPaint: Paint = (_style, text) => text;

/** A reader that has gone (`sockwarden who | head`) is a normal end, not a failure. */
export function endWithOutput(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(ExitCode.DONE);
    process.stderr.write(`sockwarden: cannot write: ${error.message}\n`);
    process.exit(ExitCode.FAILED);
  });
}

/** One JSON document on one line. Numbers that JSON cannot say (no limit) become null. */
export function printJson(document: object): void {
  process.stdout.write(`${JSON.stringify({ schema: DOCUMENT_SCHEMA, ...document })}\n`);
}

export function printNote(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** RFC 3339 in UTC. */
export function timestamp(ms: number): string {
  return new Date(ms).toISOString();
}

/** The message of a refusal by the world; the stack of a mistake of ours. */
export function describeFailure(error: unknown): string {
  // The second error came from cleaning up after the first.
  if (error instanceof SuppressedError)
    return `${describeFailure(error.suppressed)}\nsockwarden: and then: ${describeFailure(error.error)}`;
  return traceOf(error);
}
