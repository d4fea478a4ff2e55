// The verbs that talk to the daemon, as scripts and people meet them: exit codes, streams, documents, and the calls
// that reach the service. The API itself stands in for the daemon, on a real unix socket, with a service in memory.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { createApi, serveUnix } from "../../src/api/index.ts";
import { banOf, type MemoryService, memoryService } from "../../src/api/testing/service.ts";
import { BIN, type Ran, run } from "./sockwarden.ts";

const folder = mkdtempSync(path.join(tmpdir(), "sockwarden-verbs-"));
const socket = path.join(folder, "s");
const nowhere = path.join(folder, "nowhere");
const silent = { info: () => {}, error: () => {} };
const VERBS = [
  "status",
  "bans",
  "ban",
  "unban",
  "allow",
  "allowlist",
  "disallow",
  "evict",
  "explain",
  "reload",
];

let service: MemoryService;
let server: AsyncDisposable;

before(async () => {
  service = memoryService();
  server = await serveUnix(createApi(service, { log: silent }), { path: socket });
});
after(async () => {
  await server[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  service.calls.length = 0;
  service.banned.clear();
  service.listeners = [];
  service.health = [];
  service.reloadErrors = false;
});

/** It finds the daemon by SOCKWARDEN_SOCKET unless the arguments say otherwise. */
function verb(
  args: readonly string[],
  environment: NodeJS.ProcessEnv = { SOCKWARDEN_SOCKET: socket },
): Promise<Ran> {
  const { SOCKWARDEN_SOCKET: _socket, SOCKWARDEN_CONFIG: _config, ...rest } = process.env;
  return run([process.execPath, BIN, ...args], { ...rest, ...environment });
}

/** With a list on stdin. */
function piped(args: readonly string[], text: string): Promise<Ran> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [BIN, ...args, "--socket", socket], { timeout: 30_000 });
    let [stdout, stderr] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (part: string) => (stdout += part));
    child.stderr.setEncoding("utf8").on("data", (part: string) => (stderr += part));
    child.on("close", (code) => resolve({ code, stdout, stderr }));
    child.stdin.end(text);
  });
}

test("help has an example for every verb, and exits 0", async () => {
  const all = await Promise.all(VERBS.map((name) => verb([name, "--help"])));
  for (const [i, { code, stdout }] of all.entries()) {
    assert.equal(code, 0);
    assert.match(stdout, new RegExp(`Examples:[\\s\\S]*sockwarden ${VERBS[i]}`));
    for (const option of ["--json", "--socket", "-c, --config"]) assert.ok(stdout.includes(option), option);
  }
});

test("without a daemon every verb exits 3 and says what to do, on stderr alone", async () => {
  const needs = new Map<string, readonly string[]>([
    ["unban", ["--all"]],
    ...["ban", "allow", "disallow", "evict", "explain"].map((name) => [name, ["192.0.2.1"]] as const),
  ]);
  const all = await Promise.all(
    VERBS.map((name) => verb([name, ...(needs.get(name) ?? []), "--socket", nowhere])),
  );
  for (const { code, stdout, stderr } of all) {
    assert.deepEqual([code, stdout], [3, ""]);
    assert.equal(
      stderr,
      `sockwarden: no daemon answers at ${nowhere}: start it with \`sockwarden run\`, or name its socket with --socket\n`,
    );
  }
});

for (const [args, words] of [
  [["ban"], /name a source, or a list with --file/],
  [["ban", "localhost"], /192\.0\.2\.1/],
  [["ban", "192.0.2.1", "192.0.2.1; flush ruleset"], /192\.0\.2\.0\/24/],
  [["ban", "192.0.2.1", "--for", "60"], /10m/],
  [["unban"], /name the sources, or give --all/],
  [["unban", "192.0.2.1", "--all"], /name the sources, or give --all/],
  [["allow", "192.0.2.1", "--limit", "0"], /whole number/],
  [["allow", "192.0.2.1", "192.0.2.2"], /too many arguments/],
  [["bans", "--top", "x"], /whole number/],
  [["status", "--fail-on", "bad"], /critical, warning, notice/],
  [["status", "-c", "/nowhere.yaml"], /\/nowhere\.yaml:1:1: cannot be read/],
  [["ban", "--file", "/nowhere.txt"], /cannot read \/nowhere\.txt/],
] as const) {
  test(`"sockwarden ${args.join(" ")}" is wrong usage: exit 2, and nothing is asked of the daemon`, async () => {
    const { code, stdout, stderr } = await verb(args);
    assert.equal(code, 2, stderr);
    assert.equal(stdout, "");
    assert.match(stderr, words);
    assert.deepEqual(service.calls, []);
  });
}

test("status shows the daemon, and --fail-on and --nagios turn it into exit codes", async () => {
  const calm = await verb(["status"]);
  assert.equal(calm.code, 0, calm.stderr);
  assert.match(calm.stdout, /^Sockwarden 0\.1\.0, running for/);
  const at = new Date().toISOString();
  const listener = {
    name: "sip",
    connections: 1500,
    used: 1500,
    slots: 2048,
    slotsFrom: "configured" as const,
    slotsWhere: "slots of listener sip",
    fdUsed: 1600,
    fdLimit: 4096,
    scanMs: 4,
    lastScanAt: at,
  };
  service.listeners = [{ ...listener, pressure: "tight" }];
  const [text, failing, patient, nagios, json] = await Promise.all([
    verb(["status"]),
    verb(["status", "--fail-on", "warning"]),
    verb(["status", "--fail-on", "critical"]),
    verb(["status", "--nagios"]),
    verb(["status", "--json"]),
  ]);
  assert.match(text.stdout, /sip +tight +\[#{7}\.{3}\] {2}73% +1500\/2048/);
  assert.deepEqual([text.code, failing.code, patient.code, nagios.code], [0, 1, 0, 1]);
  assert.match(
    nagios.stdout,
    /^SOCKWARDEN WARNING - sip tight, 1500 of 2048 connections \| 'sip connections'=1500;;;0;2048 .*\n$/,
  );
  assert.equal(JSON.parse(json.stdout).listeners[0].pressure, "tight");
  service.health = [{ code: "x", severity: "critical", text: "the backend | refuses", since: at }];
  const critical = await verb(["status", "--nagios"]);
  assert.equal(critical.code, 2);
  assert.match(critical.stdout, /^SOCKWARDEN CRITICAL - the backend \/ refuses; sip tight/);
});

test("for a monitoring plugin no daemon and wrong usage are UNKNOWN", async () => {
  const gone = await verb(["status", "--nagios", "--socket", nowhere]);
  assert.deepEqual([gone.code, gone.stderr], [3, ""]);
  assert.match(gone.stdout, /^SOCKWARDEN UNKNOWN - no daemon answers at /);
  assert.equal((await verb(["status", "--nagios", "--colour"])).code, 3);
});

test("ban reaches the service with all its arguments and the caller", async () => {
  const args = [
    "192.0.2.1",
    "2001:DB8::/48",
    "--for",
    "1h30m",
    "--reason",
    "it's $(ours)",
    "--listener",
    "sip",
  ];
  const { code, stdout } = await verb(["ban", ...args]);
  assert.deepEqual(
    [code, stdout],
    [0, "192.0.2.1 banned, 3 connections evicted\n2001:db8::/48 banned, 3 connections evicted\n"],
  );
  const { request, caller } = service.calls[0]!;
  assert.deepEqual(request, {
    for: "1h30m",
    reason: "it's $(ours)",
    listener: "sip",
    sources: ["192.0.2.1", "2001:db8::/48"],
  });
  assert.equal(caller?.uid, process.getuid!());
  assert.notEqual(caller?.pid, process.pid);
});

test("a failed source is told on stderr and makes it exit 1, and the others are done", async () => {
  const { code, stdout, stderr } = await verb(["ban", "192.0.2.66", "192.0.2.1"]);
  assert.deepEqual([code, stdout], [1, "192.0.2.1 banned, 3 connections evicted\n"]);
  assert.equal(stderr, "192.0.2.66: it is the peer of a logged-in SSH session\n");
  const json = await verb(["ban", "192.0.2.66", "--json"]);
  assert.deepEqual([json.code, json.stderr], [1, ""]);
  assert.deepEqual(JSON.parse(json.stdout), {
    schema: 1,
    done: [],
    failed: [{ source: "192.0.2.66", error: "it is the peer of a logged-in SSH session" }],
  });
});

test("a refusal has the daemon's words, and exits 1", async () => {
  const { code, stdout, stderr } = await verb(["ban", "192.0.2.1", "--listener", "smtp"]);
  assert.deepEqual([code, stdout, stderr], [1, "", "sockwarden: there is no listener smtp; accepted: sip\n"]);
  const long = await verb(["allow", "192.0.2.1", "--reason", "x".repeat(300)]);
  assert.equal(long.code, 1);
  assert.match(long.stderr, /^sockwarden: reason: .*accepted: one line of up to 200 characters/);
});

test("ban takes a list from a file and from stdin, in parts that the daemon accepts", async () => {
  const file = path.join(folder, "list.txt");
  const many = Array.from({ length: 12_000 }, (_, i) => `10.0.${i >> 8}.${i & 255}`);
  writeFileSync(file, `# blocklist\n${many.join("\n")}\n`);
  const { code, stdout, stderr } = await verb(["ban", "10.0.0.1", "--file", file]);
  assert.equal(code, 0, stderr);
  assert.equal(stdout, "12000 sources banned, 36000 connections evicted.\n");
  assert.equal(service.banned.size, 12_000);
  assert.equal(service.calls.filter(({ operation }) => operation === "ban").length, 3);
  const again = await piped(["ban", "--file", "-"], "10.0.0.1\n192.0.2.1 # new\n");
  assert.match(again.stdout, /^10\.0\.0\.1 was banned already.*\n192\.0\.2\.1 banned/);
  const empty = await piped(["ban", "--file", "-"], "# nobody\n");
  assert.deepEqual([empty.code, empty.stdout], [0, "Nothing to ban.\n"]);
});

test("a list with mistakes bans nobody, and names each line", async () => {
  const { code, stdout, stderr } = await piped(["ban", "--file", "-"], "192.0.2.1\nlocalhost\n1.2.3\n");
  assert.deepEqual([code, stdout], [2, ""]);
  assert.match(
    stderr,
    /^sockwarden: stdin:2: "localhost" is no source\nstdin:3: "1\.2\.3" is no source\nNothing was banned\./,
  );
  assert.deepEqual(service.calls, []);
});

test("unban lifts named bans, or all and says how many; nothing to lift is no failure", async () => {
  for (const source of ["192.0.2.1", "192.0.2.2", "192.0.2.3"]) service.banned.set(source, banOf(source));
  const one = await verb(["unban", "192.0.2.1", "192.0.2.9"]);
  assert.deepEqual([one.code, one.stdout], [0, "192.0.2.1 let in again\n192.0.2.9 was not banned\n"]);
  assert.equal((await verb(["unban", "--all"])).stdout, "2 bans lifted.\n");
  const none = await verb(["unban", "--all"]);
  assert.deepEqual([none.code, none.stdout], [0, "No bans.\n"]);
});

test("bans lists the newest first, and --top bounds text and document", async () => {
  assert.equal((await verb(["bans"])).stdout, "No bans.\n");
  service.banned.set("192.0.2.1", banOf("192.0.2.1", { since: "2026-01-01T00:00:00.000Z" }));
  service.banned.set("192.0.2.2", banOf("192.0.2.2", { kind: "cap" }));
  const [text, json, top] = await Promise.all([
    verb(["bans"]),
    verb(["bans", "--json"]),
    verb(["bans", "--json", "--top", "1"]),
  ]);
  assert.match(text.stdout, /^1 ban and 1 cap in force[\s\S]*\n192\.0\.2\.2 [\s\S]*\n192\.0\.2\.1 /);
  const sources = ({ stdout }: Ran) =>
    JSON.parse(stdout).bans.map(({ source }: { source: string }) => source);
  assert.deepEqual([sources(json), sources(top)], [["192.0.2.2", "192.0.2.1"], ["192.0.2.2"]]);
});

test("allow, allowlist and disallow go together", async () => {
  const args = ["allow", "192.0.2.0/24", "--limit", "500", "--reason", "carrier trunk"];
  assert.equal((await verb(args)).stdout, "192.0.2.0/24 put on the allowlist\n");
  assert.match((await verb(["allowlist"])).stdout, /\n192\.0\.2\.0\/24 +500 +operator .* carrier trunk\n$/);
  assert.equal(JSON.parse((await verb(["allowlist", "--json"])).stdout).allow[1].connectionsPerSource, 500);
  assert.equal((await verb(["disallow", "192.0.2.0/24"])).stdout, "192.0.2.0/24 taken off the allowlist\n");
  const again = await verb(["disallow", "192.0.2.0/24"]);
  assert.deepEqual([again.code, again.stdout], [0, "192.0.2.0/24 was not on the allowlist\n"]);
  const guarded = await verb(["disallow", "127.0.0.0/8"]);
  assert.deepEqual(
    [guarded.code, guarded.stderr],
    [1, "sockwarden: 127.0.0.0/8 is protected: it is this host\n"],
  );
});

test("evict says how many, and holding nothing is no failure", async () => {
  assert.equal(
    (await verb(["evict", "192.0.2.1", "--listener", "sip"])).stdout,
    "192.0.2.1: 12 connections evicted\n",
  );
  const none = await verb(["evict", "192.0.2.2"]);
  assert.deepEqual([none.code, none.stdout], [0, "192.0.2.2 holds nothing to evict\n"]);
});

test("explain is for people, and with --json the document", async () => {
  service.banned.set("192.0.2.1", banOf("192.0.2.1"));
  const [text, json] = await Promise.all([
    verb(["explain", "192.0.2.1"]),
    verb(["explain", "192.0.2.1", "--json"]),
  ]);
  assert.match(
    text.stdout,
    /^192\.0\.2\.1 holds 5 connections:\n {2}5 to sip: 3 silent, 2 proven\n\nIt is banned on every/,
  );
  assert.equal(JSON.parse(json.stdout).ban.rule, "operator");
});

test("reload exits 0 for a configuration in force, and 2 with the errors of one that is not", async () => {
  const good = await verb(["reload"]);
  assert.deepEqual([good.code, good.stdout], [0, "The new configuration is in force.\n"]);
  service.reloadErrors = true;
  const bad = await verb(["reload"]);
  assert.deepEqual([bad.code, bad.stdout], [2, ""]);
  assert.match(
    bad.stderr,
    /^\/etc\/sockwarden\/sockwarden\.yaml:3:7: mode: .*observe, enforce\nNothing was changed/,
  );
  const json = await verb(["reload", "--json"]);
  assert.equal(json.code, 2);
  assert.equal(JSON.parse(json.stdout).errors[0].column, 7);
});

test("the daemon is found by --socket, -c, SOCKWARDEN_SOCKET and SOCKWARDEN_CONFIG, in this order", async () => {
  const file = path.join(folder, "sockwarden.yaml");
  writeFileSync(file, `mode: observe\nsocket: ${socket}\n`);
  const codes = await Promise.all(
    [
      verb(["status", "--socket", socket, "-c", "/nowhere.yaml"], { SOCKWARDEN_SOCKET: nowhere }),
      verb(["status", "-c", file], { SOCKWARDEN_SOCKET: nowhere }),
      verb(["status"], { SOCKWARDEN_SOCKET: socket, SOCKWARDEN_CONFIG: "/nowhere.yaml" }),
      verb(["status"], { SOCKWARDEN_CONFIG: file }),
      verb(["status", "--socket", nowhere], { SOCKWARDEN_SOCKET: socket }),
    ].map(async (ran) => (await ran).code),
  );
  assert.deepEqual(codes, [0, 0, 0, 0, 3]);
});

test("a server that is no daemon is told as such, and exits 1", async (t) => {
  const other = path.join(folder, "other");
  const stranger = createServer((peer) => peer.on("error", () => {}).end("220 smtp\r\n")).listen(other);
  t.after(() => stranger.close());
  const { code, stderr } = await verb(["status", "--socket", other]);
  assert.equal(code, 1);
  assert.match(stderr, /^sockwarden: the daemon at .* ended the connection: .*\n$/);
});

test("without rights to the socket a verb says so, and exits 1", async (t) => {
  if (process.getuid?.() !== 0) return t.skip("this test steps down from root");
  const runtime = mkdtempSync(path.join(tmpdir(), "sockwarden-verbs-open-"));
  t.after(() => rmSync(runtime, { recursive: true, force: true }));
  await run(["chmod", "755", runtime]);
  const closed = path.join(runtime, "s");
  const api = await serveUnix(createApi(memoryService(), { log: silent }), { path: closed });
  t.after(() => api[Symbol.asyncDispose]());
  const argv = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"];
  const { code, stderr } = await run([...argv, process.execPath, BIN, "status", "--socket", closed]);
  assert.equal(code, 1);
  assert.match(
    stderr,
    /this user may not talk to the daemon at .*: run as root, or as a member of the socket's group/,
  );
});
