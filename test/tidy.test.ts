// Taste that runs: who may import whom, what only some rooms may do, and that what is written down is so.

import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Which rooms a room may import, by its folder; docs/architecture.md says why. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  "src/model": [],
  "src/linux": ["src/model"],
  "src/census": ["src/model", "src/linux"],
  "src/track": ["src/model", "src/linux", "src/census"],
  "src/judge": ["src/model", "src/census", "src/track"],
  "src/enforce": ["src/model", "src/linux"],
  "src/guard": ["src/model", "src/linux", "src/census", "src/track", "src/judge", "src/enforce"],
  "src/record": ["src/model", "src/linux", "src/census", "src/track", "src/judge"],
  "src/settings": ["src/model", "src/linux"],
  "src/programs": ["src/model", "src/linux"],
  "src/diagnose": ["src/model", "src/linux", "src/census", "src/track", "src/settings", "src/programs"],
  "src/doctor": ["src/model", "src/linux", "src/census", "src/settings", "src/programs"],
  "src/tune": ["src/model", "src/linux", "src/census", "src/settings"],
  "src/sip": ["src/model"],
  "src/config": ["src/model", "src/linux"],
  "src/api": ["src/model", "src/config", "src/linux", "src/record"],
  "src/client": ["src/model", "src/api"],
  "src/daemon": [
    "src/model",
    "src/linux",
    "src/census",
    "src/track",
    "src/judge",
    "src/enforce",
    "src/guard",
    "src/record",
    "src/settings",
    "src/programs",
    "src/config",
    "src/api",
    "src/sip",
  ],
  "src/cli": [
    "src/model",
    "src/census",
    "src/track",
    "src/settings",
    "src/programs",
    "src/diagnose",
    "src/doctor",
    "src/tune",
    "src/sip",
    "src/config",
    "src/api",
    "src/client",
    "src/daemon",
    "src/enforce",
    "lab",
  ],
  lab: ["src/model", "src/linux"],
  bench: ["src", "lab"],
  test: ["src", "lab", "bench"],
};

/** `src` stands for every room in it. */
function mayImport(from: string, to: string): boolean {
  const allowed = MAY_IMPORT[from]!;
  return allowed.includes(to) || (to.startsWith("src/") && allowed.includes("src"));
}

/** What users' machines get, with where it may be imported. A new one is a decision, so it is made here too. */
const DEPENDENCIES: Readonly<Record<string, string>> = {
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

/** A package's name without the path inside it: `hono/body-limit` is of `hono`. */
const packageOf = (name: string): string =>
  name
    .split("/")
    .slice(0, name.startsWith("@") ? 2 : 1)
    .join("/");

/** Calls that only some places may make, and why. */
const RESERVED: readonly {
  readonly call: RegExp;
  readonly name: string;
  readonly only: RegExp;
  readonly why: string;
}[] = [
  {
    call: /\bconsole\./,
    name: "console",
    only: /^bench\//,
    why: "text goes out through the edge that owns the stream",
  },
  {
    call: /\bprocess\.exit\(/,
    name: "process.exit",
    only: /^(src\/cli|lab|bench)\//,
    why: "only an entry point may end the process",
  },
  {
    call: /\bDate\.now\(|new Date\(\)/,
    name: "the wall clock",
    only: /^(src\/cli|src\/daemon|lab|bench|test)\//,
    why: "time is an argument",
  },
  {
    call: /\bMath\.random\(/,
    name: "Math.random",
    only: /^lab\//,
    why: "what is decided must be repeatable",
  },
  {
    call: /\bshell: true|\b(exec|execSync)\(["'`]/,
    name: "a shell",
    only: /^$/,
    why: "programs get their arguments as a list",
  },
];

interface Source {
  readonly file: string;
  readonly text: string;
  readonly imports: readonly string[];
}

const sources: readonly Source[] = globSync("{src,lab,bench,test}/**/*.ts", { cwd: root }).map((file) => {
  const text = readFileSync(path.join(root, file), "utf8");
  const imports = [...text.matchAll(/^(?:import|export)\b[^;]*?from "([^"]+)"/gms)].map((match) => match[1]!);
  const dynamic = [...text.matchAll(/\bimport\("([^"]+)"\)/g)].map((match) => match[1]!);
  return { file, text, imports: [...imports, ...dynamic] };
});

const roomOf = (file: string): string =>
  file
    .split("/")
    .slice(0, file.startsWith("src/") ? 2 : 1)
    .join("/");
const isTest = (file: string): boolean => /\.test\.ts$|(^|\/)fakes\.ts$|(^|\/)testing\//.test(file);
const code = ({ text }: Source): string => text.replace(/^\s*(\/\/|\*|\/\*).*$/gm, "");

/** Imports of other files of ours, resolved against the project's root. */
function ownImports({ file, imports }: Pick<Source, "file" | "imports">): string[] {
  return imports.filter((name) => name.startsWith(".")).map((name) => path.join(path.dirname(file), name));
}

test("every folder of code is a room of the import table", () => {
  assert.deepEqual(
    [...new Set(sources.map(({ file }) => roomOf(file)))].sort(),
    Object.keys(MAY_IMPORT).sort(),
  );
});

test("rooms import only whom the table allows", () => {
  const wrong = sources.flatMap((source) =>
    ownImports(source)
      .filter((target) => roomOf(target) !== roomOf(source.file))
      .filter((target) => !mayImport(roomOf(source.file), roomOf(target)))
      .map((target) => `${source.file} imports ${target}`),
  );
  assert.deepEqual(wrong, []);
});

test("rooms are entered by their door; only tests and benchmarks look inside", () => {
  const wrong = sources
    .filter(({ file }) => /^(src|lab)\//.test(file) && !isTest(file))
    .flatMap((source) =>
      ownImports(source)
        .filter((target) => roomOf(target) !== roomOf(source.file) && path.basename(target) !== "index.ts")
        .map((target) => `${source.file} imports ${target}`),
    );
  assert.deepEqual(wrong, []);
});

test("the program never imports what is made for tests", () => {
  const wrong = sources
    .filter(({ file }) => !isTest(file) && !/^(test|bench)\//.test(file))
    .flatMap((source) =>
      ownImports(source)
        .filter(isTest)
        .map((target) => `${source.file} imports ${target}`),
    );
  assert.deepEqual(wrong, []);
});

test("every room has a door that says what it is for", () => {
  for (const room of Object.keys(MAY_IMPORT).filter(
    (name) => name.startsWith("src/") && name !== "src/cli",
  )) {
    const door = readFileSync(path.join(root, room, "index.ts"), "utf8");
    const header = /^(\/\/.*\n)+/.exec(door)?.[0].split("\n").length ?? 0;
    assert.ok(header > 3, `${room}/index.ts opens with ${header} lines of header`);
    assert.match(door, /Promises:/);
  }
});

test("every file opens with what it is for", () => {
  const silent = sources.filter(({ file, text }) => !isTest(file) && !/^(#!.*\n)?\/[/*]/.test(text));
  assert.deepEqual(
    silent.map(({ file }) => file),
    [],
  );
});

for (const { call, name, only, why } of RESERVED) {
  test(`${name} is used where it belongs: ${why}`, () => {
    const wrong = sources.filter(
      (source) => !only.test(source.file) && source.file !== "test/tidy.test.ts" && call.test(code(source)),
    );
    assert.deepEqual(
      wrong.map(({ file }) => file),
      [],
    );
  });
}

test("runtime dependencies are those listed here, pinned, and imported where they belong", () => {
  const manifest = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
  assert.deepEqual(Object.keys(manifest.dependencies).sort(), Object.keys(DEPENDENCIES).sort());
  for (const version of Object.values({ ...manifest.dependencies, ...manifest.devDependencies })) {
    assert.match(String(version), /^\d+\.\d+\.\d+$/);
  }
  const shipped = sources.filter(({ file }) => /^(src|lab)\//.test(file) && !isTest(file));
  for (const { file, imports } of shipped) {
    for (const name of imports.filter((name) => !/^(\.|node:)/.test(name)).map(packageOf)) {
      assert.ok(name in DEPENDENCIES, `${file} imports ${name}`);
      assert.ok(
        file.startsWith(DEPENDENCIES[name]!),
        `${file} imports ${name}, which belongs to ${DEPENDENCIES[name]}`,
      );
    }
  }
});

/** What every verb may import: the nouns, the configuration, and the way to the daemon. */
const COMMON_TO_VERBS = ["src/api", "src/client", "src/config", "src/model"];

/** The verbs' folders in src/cli, with the rooms that each imports beside the common ones. */
const ROOMS_OF_VERB: Readonly<Record<string, readonly string[]>> = {
  allow: [],
  allowlist: [],
  ban: [],
  bans: [],
  check: [],
  config: [],
  diagnose: ["src/census", "src/diagnose", "src/programs"],
  disallow: [],
  doctor: ["lab", "src/doctor", "src/enforce", "src/settings"],
  drill: ["lab"],
  evict: [],
  explain: [],
  ping: ["src/sip"],
  reload: [],
  run: ["src/daemon"],
  status: [],
  top: ["src/census", "src/programs"],
  tune: ["src/settings", "src/tune"],
  unban: [],
  who: ["src/census", "src/programs"],
};

/** The same for what verbs share: folders of src/cli, and the files beside them. */
const ROOMS_OF_SHARED: Readonly<Record<string, readonly string[]>> = {
  "": ["src/settings"],
  configuration: [],
  "daemon-verbs": [],
  "scan-verbs": ["src/census"],
  terminal: [],
  text: [],
};

/** The folder of a file in src/cli: a verb's, or one that verbs share; empty for the files beside them. */
const cliFolderOf = (file: string): string => file.split("/").slice(2, -1)[0] ?? "";
const isOfVerb = (file: string): boolean => roomOf(file) === "src/cli" && cliFolderOf(file) in ROOMS_OF_VERB;
const cliSources = sources.filter(({ file }) => roomOf(file) === "src/cli" && !isTest(file));

test("every folder of src/cli is a verb's or shared by verbs, and has its row", () => {
  const folders = [...new Set(cliSources.map(({ file }) => cliFolderOf(file)))];
  const rows = [...Object.keys(ROOMS_OF_VERB), ...Object.keys(ROOMS_OF_SHARED)];
  assert.deepEqual(folders.toSorted(), rows.toSorted());
  const verbs = folders.filter((folder) => existsSync(path.join(root, "src/cli", folder, "command.ts")));
  assert.deepEqual(verbs.toSorted(), Object.keys(ROOMS_OF_VERB).toSorted());
});

test("each verb imports the rooms of its row, all of them and no others", () => {
  for (const [folder, rooms] of Object.entries({ ...ROOMS_OF_VERB, ...ROOMS_OF_SHARED })) {
    const imported = cliSources
      .filter(({ file }) => cliFolderOf(file) === folder)
      .flatMap(ownImports)
      .map(roomOf)
      .filter((room) => room !== "src/cli" && !COMMON_TO_VERBS.includes(room));
    assert.deepEqual([...new Set(imported)].sort(), rooms, folder === "" ? "beside the folders" : folder);
  }
});

test("a verb's files are reached by that verb alone, and its command.ts by main.ts alone", () => {
  const wrong = cliSources.flatMap(({ file, imports }) =>
    ownImports({ file, imports })
      .filter(isOfVerb)
      .filter((target) =>
        path.basename(target) === "command.ts"
          ? file !== "src/cli/main.ts"
          : cliFolderOf(target) !== cliFolderOf(file),
      )
      .map((target) => `${file} imports ${target}`),
  );
  assert.deepEqual(wrong, []);
});

/** What Node loads with a file: all that it imports by value before it runs. */
function loadedWith(file: string, loaded = new Set<string>()): ReadonlySet<string> {
  if (loaded.has(file)) return loaded;
  loaded.add(file);
  const { text } = sources.find((source) => source.file === file)!;
  for (const [, name] of text.matchAll(/^(?:import|export)\b(?! type\b)[^;]*?from "(\.[^"]+)"/gms)) {
    loadedWith(path.join(path.dirname(file), name!), loaded);
  }
  return loaded;
}

test("the command line starts with the model alone: every other room waits for the verb that needs it", () => {
  const rooms = new Set([...loadedWith("src/cli/main.ts")].map(roomOf));
  assert.deepEqual([...rooms].sort(), ["src/cli", "src/model"]);
});

test("the lockfile names no registry's address", () => {
  const lock = readFileSync(path.join(root, "package-lock.json"), "utf8");
  assert.doesNotMatch(
    lock,
    /https?:\/\/(?!.*(opencollective|github|tidelift|patreon|paulmillr|feross|buymeacoffee))[^"]*\.tgz/,
  );
});

test("every fixture has a note on where it comes from", () => {
  for (const file of globSync("{src,lab,bench,test}/**/fixtures/*", { cwd: root })) {
    const notes = path.join(root, path.dirname(file), "README.md");
    assert.ok(existsSync(notes), `${path.dirname(file)} has a README.md`);
    if (path.basename(file) === "README.md") continue;
    assert.ok(
      readFileSync(notes, "utf8").includes(path.basename(file)),
      `${notes} tells of ${path.basename(file)}`,
    );
  }
});

test("docs/architecture.md describes the rooms that exist, and no others", () => {
  const text = readFileSync(path.join(root, "docs/architecture.md"), "utf8");
  const described = [...text.matchAll(/^\| `([\w/]+)`\s+\|/gm)].map((match) => match[1]!);
  assert.deepEqual(described.sort(), Object.keys(MAY_IMPORT).sort());
});

test("links between documents lead somewhere", () => {
  for (const file of globSync("{*.md,docs/**/*.md,bench/*.md}", { cwd: root })) {
    const text = readFileSync(path.join(root, file), "utf8");
    for (const [, target] of text.matchAll(/\]\((?!https?:|#|mailto:)([^)#]+)/g)) {
      assert.ok(existsSync(path.join(root, path.dirname(file), target!)), `${file} links to ${target}`);
    }
  }
});

test("the longest files, for the reader to judge", (t) => {
  const byLength = sources
    .map(({ file, text }) => ({ file, lines: text.split("\n").length }))
    .sort((a, b) => b.lines - a.lines);
  for (const { file, lines } of byLength.slice(0, 5)) t.diagnostic(`${lines} lines: ${file}`);
  assert.ok(byLength.length > 0);
});
