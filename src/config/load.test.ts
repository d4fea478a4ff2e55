// Loading from real files: the search for them, their merging, and files that cannot be read.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { formatNetwork } from "../model/index.ts";
import { type LoadedConfig, loadConfig } from "./load.ts";

const folder = mkdtempSync(path.join(tmpdir(), "sockwarden-config-"));
after(() => rmSync(folder, { recursive: true, force: true }));
let count = 0;

/** A folder of its own with these files. */
function filesIn(files: Readonly<Record<string, string | Buffer>>): string {
  const root = path.join(folder, String(count++));
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(root, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  return root;
}

const load = (file: string): LoadedConfig => loadConfig({ file, uid: 0, env: {} });

function problemOf(loaded: LoadedConfig): string {
  assert.ok(!loaded.ok);
  return loaded.errors
    .map(
      ({ file, line, column, key, message }) => `${path.basename(file)}:${line}:${column} ${key}: ${message}`,
    )
    .join("\n");
}

test("without any file in the default place everything is a default, and all listeners are watched", () => {
  const loaded = loadConfig({ file: null, uid: 0, env: {}, root: filesIn({ "etc/passwd": "" }) });
  assert.ok(loaded.ok);
  assert.deepEqual(loaded.files, []);
  assert.equal(loaded.config.listeners, null);
  assert.equal(loaded.config.mode, "observe");
  assert.equal(loaded.config.socket, "/run/sockwarden/sockwarden.sock");
});

test("the file of the default place is found below the given root, with its conf.d", () => {
  const root = filesIn({
    "etc/sockwarden/sockwarden.yaml": "mode: enforce\n",
    "etc/sockwarden/conf.d/ban.yaml": "ban: { first: 1m }\n",
  });
  const loaded = loadConfig({ file: null, uid: 0, env: {}, root });
  assert.ok(loaded.ok);
  assert.equal(loaded.config.mode, "enforce");
  assert.equal(loaded.config.ban.firstMs, 60_000);
  assert.equal(loaded.files.length, 2);
});

test("-c comes before SOCKWARDEN_CONFIG, and that before the default place", () => {
  const root = filesIn({ "a/c.yaml": "mode: enforce\n", "b/c.yaml": "ban: { factor: 3 }\n" });
  const env = { SOCKWARDEN_CONFIG: `${root}/b/c.yaml` };
  const asked = loadConfig({ file: `${root}/a/c.yaml`, uid: 0, env });
  assert.ok(asked.ok && asked.config.mode === "enforce" && asked.config.ban.factor === 2);
  const named = loadConfig({ file: null, uid: 0, env });
  assert.ok(named.ok && named.config.mode === "observe" && named.config.ban.factor === 3);
});

test("files of conf.d come in the order of their names: mappings merge, the three lists append", () => {
  const root = filesIn({
    "c.yaml": "listeners:\n  - { name: a, ports: [1] }\nban: { first: 1m }\n",
    "conf.d/20.yaml": "listeners:\n  - { name: c, ports: [3] }\nallow: [{ source: 10.0.0.2 }]\n",
    "conf.d/10.yaml":
      "listeners:\n  - { name: b, ports: [2] }\nallow: [{ source: 10.0.0.1 }]\nban: { max: 2h }\n",
    "conf.d/30.yml": "mode: enforce\n",
    "conf.d/.10.yaml.swp.yaml": "mode: enforce\n",
    "conf.d/empty.yaml": "# nothing yet\n",
  });
  const loaded = load(`${root}/c.yaml`);
  assert.ok(loaded.ok, JSON.stringify(loaded));
  const { listeners, allow, ban, mode } = loaded.config;
  assert.deepEqual(
    listeners?.map(({ name }) => name),
    ["a", "b", "c"],
  );
  assert.deepEqual(
    allow.map(({ network }) => formatNetwork(network)),
    ["10.0.0.1", "10.0.0.2"],
  );
  assert.deepEqual([ban.firstMs, ban.maxMs, mode], [60_000, 7_200_000, "observe"]);
  assert.deepEqual(
    loaded.files.map((file) => path.basename(file)),
    ["c.yaml", "10.yaml", "20.yaml", "empty.yaml"],
  );
});

test("a key in two files is a mistake that names both places", () => {
  const root = filesIn({ "c.yaml": "ban:\n  first: 1m\n", "conf.d/x.yaml": "\nban: { first: 2m }\n" });
  assert.equal(
    problemOf(load(`${root}/c.yaml`)),
    `x.yaml:2:8 ban.first: is set in two files; also in ${root}/c.yaml:2:3`,
  );
});

test("a mistake in a file of conf.d is shown there, with those of the main file", () => {
  const root = filesIn({
    "c.yaml": "listeners:\n  - { name: a, ports: [1] }\nmode: on\n",
    "conf.d/x.yaml": "listeners:\n  - name: b\n    ports: [1]\n",
  });
  assert.equal(
    problemOf(load(`${root}/c.yaml`)),
    `c.yaml:3:7 mode: "on" is not accepted\nx.yaml:3:12 listeners[1]: matches the same sockets as a (${root}/c.yaml:2:5): port 1`,
  );
});

test("syntax mistakes of all files are shown at once", () => {
  const root = filesIn({ "c.yaml": "a: [\n", "conf.d/x.yaml": "b: ]\n" });
  const text = problemOf(load(`${root}/c.yaml`));
  assert.match(text, /^c\.yaml:/m);
  assert.match(text, /^x\.yaml:/m);
});

const UNFIT: readonly (readonly [name: string, make: (file: string) => void, message: RegExp])[] = [
  ["a file that is not there", () => {}, /1:1 : cannot be read: there is no such file/],
  ["a dangling link", (file) => symlinkSync("/nowhere", file), /there is no such file/],
  ["a link to itself", (file) => symlinkSync(file, file), /lead in a circle/],
  ["a folder", (file) => mkdirSync(file), /is not a regular file/],
  ["a FIFO without writer", (file) => execFileSync("mkfifo", [file]), /is not a regular file/],
  ["a device", (file) => symlinkSync("/dev/zero", file), /is not a regular file/],
  ["a file of more than 1 MiB", (file) => writeFileSync(file, "#".repeat(2 ** 20 + 1)), /larger than 1 MiB/],
  [
    "a byte that is not UTF-8",
    (file) => writeFileSync(file, Buffer.from("# ä\nmode: ä\xff", "latin1")),
    /1:3 : is not UTF-8/,
  ],
  [
    "a truncated character",
    (file) => writeFileSync(file, Buffer.from([0x23, 0x0a, 0x61, 0xc3])),
    /2:2 : is not UTF-8/,
  ],
];

for (const [name, make, message] of UNFIT) {
  test(`${name} is a mistake, not a failure`, () => {
    const file = path.join(filesIn({ other: "" }), "c.yaml");
    make(file);
    assert.match(problemOf(load(file)), message);
  });
}

test("a dangling link in the default place does not pass for no configuration", () => {
  const root = filesIn({ "etc/sockwarden/other": "" });
  symlinkSync("/nowhere", `${root}/etc/sockwarden/sockwarden.yaml`);
  assert.ok(!loadConfig({ file: null, uid: 0, env: {}, root }).ok);
});

test("exactly 1 MiB, a byte order mark and CRLF line ends are read", () => {
  const text = "\ufeffmode: enforce\r\nban:\r\n  frist: 1m\r\n";
  const bytes = Buffer.from(text);
  const root = filesIn({ "c.yaml": Buffer.concat([bytes, Buffer.alloc(2 ** 20 - bytes.length, "#\n")]) });
  assert.match(problemOf(load(`${root}/c.yaml`)), /^c\.yaml:3:3 ban\.frist: unknown key$/);
});
