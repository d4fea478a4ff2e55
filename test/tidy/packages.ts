// The packages that users' machines get from others, and where each may be imported. A new package is a decision, so it
// is made here too.

import type { Source } from "./sources.ts";

/** Each package with the place that may import it: a file, or a folder with a slash at its end. */
export const DEPENDENCIES: Readonly<Record<string, string>> = {
  "@hono/node-server": "src/api/",
  "@hono/zod-openapi": "src/api/",
  commander: "src/cli/",
  hono: "src/api/",
  koffi: "src/linux/libc.ts",
  pino: "src/daemon/",
  "prom-client": "src/daemon/",
  yaml: "src/config/",
  zod: "src/config/",
};

/** Rooms that decide and know no system: not even Node's own modules. */
const PURE = /^src\/(model|judge)\//;

/** Imports of packages by shipped files outside the list's places. */
export function strayPackages(
  program: readonly Source[],
  dependencies: Readonly<Record<string, string>>,
): string[] {
  return program
    .filter(({ file }) => /^(src|lab)\//.test(file))
    .flatMap(({ file, imports }) =>
      imports
        .filter(({ file: own }) => own === null)
        .map(({ name }) => name)
        .filter((name) =>
          name.startsWith("node:")
            ? PURE.test(file)
            : !file.startsWith(dependencies[packageOf(name)] ?? "none"),
        )
        .map((name) => `${file} imports ${name}`),
    );
}

/** A package's name without the path inside it: `hono/body-limit` is of `hono`. */
function packageOf(name: string): string {
  return name
    .split("/")
    .slice(0, name.startsWith("@") ? 2 : 1)
    .join("/");
}
