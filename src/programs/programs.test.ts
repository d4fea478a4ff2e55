// The servers' own configuration: parsed, found by the command line, looked up.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { type MachineRoot, machineBelow } from "../linux/machine-root.ts";
import type { ConnectionLimit } from "../model/index.ts";
import type { ServerFiles } from "./config-setting.ts";
import { parseKamailio } from "./kamailio.ts";
import { programSettingTextOr, settingFix, settingNumber } from "./look-up.ts";
import { parseMosquitto } from "./mosquitto.ts";
import { parseNginx } from "./nginx.ts";
import { type ProgramConfig, readProgramConfig } from "./program-config.ts";
import { ProgramLimits } from "./program-limits.ts";

/** A server that has these files. */
const filesOf = (texts: Readonly<Record<string, string>>): ServerFiles => ({
  read: (file) => texts[file] ?? null,
  list: (pattern) => Object.keys(texts).filter((file) => path.matchesGlob(file, pattern)),
});

test("kamailio.cfg is read past its comments, with the lines' own numbers, into the files that it includes", () => {
  const files = filesOf({ "/etc/kamailio/local.cfg": 'tcp_keepalive=no\ninclude_file "local.cfg"\n' });
  const included = parseKamailio(
    '#!KAMAILIO\n#!import_file "local.cfg"\n',
    "/etc/kamailio/kamailio.cfg",
    files,
  );
  assert.deepEqual(included[0], {
    name: "tcp_keepalive",
    value: "no",
    file: "/etc/kamailio/local.cfg",
    line: 1,
  });
  assert.ok(included.length < 20, "and not for ever");
  const text = '/* a=1\nb=2 */ tcp_children=4\n#tcp_keepalive=no\n  log_name = "x y" # c\nif ($a == 1) {\n';
  assert.deepEqual(
    parseKamailio(text, "f", filesOf({})).map(({ name, value, line }) => [name, value, line]),
    [
      ["tcp_children", "4", 2],
      ["log_name", "x y", 4],
    ],
  );
});

test("nginx.conf is followed into files and folders, and not for ever", () => {
  const files = filesOf({
    "/etc/nginx/a.conf": "worker_connections 9;\ninclude a.conf;\n",
    "/etc/nginx/sites/one": "server { listen 80; }\n",
    "/etc/nginx/sites/two": "server { listen 443 ssl; }\n",
  });
  const settings = parseNginx("include a.conf;\ninclude sites/*;\n", "/etc/nginx/nginx.conf", files);
  assert.ok(settings.some(({ name, file }) => name === "worker_connections" && file === "/etc/nginx/a.conf"));
  assert.deepEqual(
    settings.filter(({ name }) => name === "listen").map(({ file, value }) => `${file} ${value}`),
    ["/etc/nginx/sites/one 80", "/etc/nginx/sites/two 443 ssl"],
  );
  assert.ok(settings.length < 20);
});

test("mosquitto.conf is followed into its folder", () => {
  const files = filesOf({
    "/etc/mosquitto/conf.d/x.conf": "max_connections 100\n",
    "/etc/mosquitto/conf.d/y": "z 1\n",
  });
  const settings = parseMosquitto(
    "include_dir /etc/mosquitto/conf.d\n",
    "/etc/mosquitto/mosquitto.conf",
    files,
  );
  assert.deepEqual(settings, [
    { name: "max_connections", value: "100", file: "/etc/mosquitto/conf.d/x.conf", line: 1 },
  ]);
});

const folder = mkdtempSync(path.join(tmpdir(), "sockwarden-programs-"));
after(() => rmSync(folder, { recursive: true }));
const PID = 812;
let trees = 0;

/** A machine with these files; those of the process are named from PID/ on. */
function machine(files: Readonly<Record<string, string>>): MachineRoot {
  const tree = path.join(folder, String(++trees));
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(tree, name.replace(/^PID\//, `proc/${PID}/`));
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  return machineBelow(tree);
}

const CASES: readonly {
  readonly title: string;
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  readonly limit: ConnectionLimit | null;
}[] = [
  {
    title: "in the file that -f names, below the process's own root",
    name: "kamailio",
    files: {
      "PID/cmdline": "kamailio\0-f\0/etc/k.cfg\0",
      "PID/root/etc/k.cfg": "# tcp_max_connections=5\n tcp_max_connections = 4096\n",
      "etc/k.cfg": "tcp_max_connections=7\n",
    },
    limit: { connections: 4096, where: "tcp_max_connections in /etc/k.cfg" },
  },
  {
    title: "in the file that -f names without a blank",
    name: "kamailio",
    files: { "PID/cmdline": "kamailio\0-f/etc/k.cfg\0", "PID/root/etc/k.cfg": "tcp_max_connections=9\n" },
    limit: { connections: 9, where: "tcp_max_connections in /etc/k.cfg" },
  },
  {
    title: "in a file relative to where the process runs",
    name: "kamailio",
    files: { "PID/cmdline": "kamailio\0-f\0k.cfg\0", "PID/cwd/k.cfg": "tcp_max_connections=100\n" },
    limit: { connections: 100, where: "tcp_max_connections in k.cfg" },
  },
  {
    title: "in a file that the main file includes, beside it",
    name: "kamailio",
    files: {
      "PID/cmdline": "kamailio\0-f\0conf/k.cfg\0",
      "PID/cwd/conf/k.cfg": 'include_file "more.cfg"\n',
      "PID/cwd/conf/more.cfg": "tcp_max_connections=300\n",
    },
    limit: { connections: 300, where: "tcp_max_connections in conf/more.cfg" },
  },
  {
    title: "in no comment that spans lines",
    name: "opensips",
    files: {
      "PID/cmdline": "opensips\0",
      "PID/root/etc/opensips/opensips.cfg": "tcp_max_connections=50\n/*\ntcp_max_connections=9\n*/\n",
    },
    limit: { connections: 50, where: "tcp_max_connections in /etc/opensips/opensips.cfg" },
  },
  {
    title: "in the host's file where the process's root may not be followed",
    name: "mosquitto",
    files: {
      "PID/cmdline": "mosquitto\0-c\0/etc/mosquitto/mosquitto.conf\0",
      "etc/mosquitto/mosquitto.conf": "max_connections 20\n",
    },
    limit: { connections: 20, where: "max_connections in /etc/mosquitto/mosquitto.conf" },
  },
  {
    title: "by default where its file does not say",
    name: "kamailio",
    files: { "PID/cmdline": "kamailio\0", "PID/root/etc/kamailio/kamailio.cfg": "debug=2\n" },
    limit: { connections: 2048, where: "tcp_max_connections, by default" },
  },
  {
    title: "untold where its file may not be read",
    name: "kamailio",
    files: { "PID/cmdline": "kamailio\0" },
    limit: null,
  },
  {
    title: "untold where what is set is no number",
    name: "kamailio",
    files: {
      "PID/cmdline": "kamailio\0",
      "PID/root/etc/kamailio/kamailio.cfg": "tcp_max_connections=CONNECTIONS\n",
    },
    limit: null,
  },
  {
    title: "as no limit at all",
    name: "mosquitto",
    files: { "PID/cmdline": "mosquitto\0-c\0/m.conf\0", "PID/root/m.conf": "max_connections -1\n" },
    limit: null,
  },
  {
    title: "not known where no single setting is one",
    name: "nginx",
    files: {
      "PID/cmdline": "nginx\0",
      "PID/root/etc/nginx/nginx.conf": "events { worker_connections 512; }\n",
    },
    limit: null,
  },
  { title: "not known for other programs", name: "constructor", files: {}, limit: null },
];

for (const { title, name, files, limit } of CASES) {
  test(`a program's limit is found ${title}`, () => {
    assert.deepEqual(new ProgramLimits(machine(files)).read({ pid: PID, name }), limit);
  });
}

test("nginx's title is one string, and its relative paths start at a prefix that nobody tells", () => {
  const main = (title: string): string | undefined =>
    readProgramConfig(machine({ "PID/cmdline": title }), { pid: PID, name: "nginx" })?.file;
  assert.equal(main("nginx: master process /usr/sbin/nginx -c /srv/n.conf\0"), "/srv/n.conf");
  assert.equal(main("nginx: master process /usr/sbin/nginx -c conf/n.conf\0"), "/etc/nginx/nginx.conf");
});

test("a setting is looked up with its place, or with its default", () => {
  const settings = [1, 2].map((line) => ({ name: "a", value: `${line}0`, file: "/etc/x/more", line }));
  const config: ProgramConfig = { program: "x", file: "/etc/x/main", readable: true, settings };
  assert.equal(settingNumber(config, "a", 5), 20);
  assert.equal(settingNumber(config, "b", 5), 5);
  assert.equal(programSettingTextOr(config, "a", "5"), "/etc/x/more:2: a = 20");
  assert.equal(programSettingTextOr(config, "b", "5"), "/etc/x/main: b is not set (5)");
  assert.equal(settingFix(config, "a", "a 7"), "/etc/x/more:2: a 7");
  assert.equal(settingFix(config, "b", "b 7"), "/etc/x/main: b 7");
});
