// Effects that only some places may have, as data: text to the terminal, the end of the process, the clock, chance, a
// shell.

import type { Source } from "./sources.ts";

export interface Reserved {
  readonly what: string;
  readonly call: RegExp;
  /** Why only a few places may have it. */
  readonly why: string;
  /** Those places: a file, or a folder with a slash at its end. */
  readonly only: readonly string[];
}

export const RESERVED: readonly Reserved[] = [
  {
    what: "console",
    call: /\bconsole\./,
    why: "text goes out through the edge that owns the stream",
    only: ["bench/"],
  },
  {
    what: "process.exit",
    call: /\bprocess\.exit\(/,
    why: "only an entry point may end the process",
    only: ["src/cli/", "lab/", "bench/"],
  },
  {
    what: "Math.random",
    call: /\bMath\.random\(/,
    why: "what is decided must be repeatable",
    only: ["lab/"],
  },
  {
    what: "a shell",
    call: /\bshell: true|\b(exec|execSync)\(["'`]/,
    why: "programs get their arguments as a list",
    only: [],
  },
];

/** Places with an effect that is reserved for others, and listed places without it. */
export function reservedCalls(
  sources: readonly Source[],
  { call, only }: Pick<Reserved, "call" | "only">,
): string[] {
  const callers = sources.filter(({ code }) => call.test(code)).map(({ file }) => file);
  const covers = (place: string, file: string): boolean =>
    place.endsWith("/") ? file.startsWith(place) : file === place;
  return [
    ...callers.filter((file) => !only.some((place) => covers(place, file))),
    ...only
      .filter((place) => !callers.some((file) => covers(place, file)))
      .map((place) => `${place} is listed and does not`),
  ];
}
