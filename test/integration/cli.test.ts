// The command line as scripts and people meet it: exit codes, streams, wrong input, and a user without rights.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { after, before, test } from "node:test";
import { BIN, parseWho, run, sockwarden } from "./sockwarden.ts";

let server: Server;
let port = 0;

before(async () => {
  server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  port = typeof address === "object" && address !== null ? address.port : 0;
});
after(() => server.close());

for (const [args, words] of [
  [["whi"], /unknown command 'whi'[\s\S]*who/],
  [["who", "--port", "99999"], /1 to 65535/],
  [["who", "--port", "sip"], /1 to 65535/],
  [["who", "--port", Array.from({ length: 1001 }, (_, i) => 2 * i + 1).join()], /at most 1000 ports/],
  [["who", "--silent-for", "30"], /30s/],
  [["who", "--top", "0"], /whole number/],
  [["who", "--by", "colour"], /source, listener, process, conduct/],
  [["who", "--profile", "smtp"], /sip, mqtt/],
  [["who", "--ipv4-prefix", "33"], /0 to 32/],
  [["who", "--colour"], /unknown option/],
  [["diagnose", "--seconds", "0"], /whole number/],
  [["diagnose", "--fail-on", "bad"], /critical, warning, notice/],
  [["who", "extra"], /too many arguments/],
] as const) {
  test(`"sockwarden ${args.join(" ").slice(0, 40)}" is wrong usage: exit 2, and stderr says what is accepted`, async () => {
    const { code, stdout, stderr } = await sockwarden(null, args);
    assert.equal(code, 2);
    assert.equal(stdout, "");
    assert.match(stderr, words);
  });
}

for (const [args, words] of [
  [["who", "--netns", "no-such-namespace"], /no network namespace named no-such-namespace/],
  [["who", "--netns", "../../etc/passwd"], /no network namespace named/],
  [["who", "--netns", "4194999"], /no process 4194999/],
] as const) {
  test(`"sockwarden ${args.join(" ")}" fails: exit 1, one line on stderr`, async () => {
    const { code, stdout, stderr } = await sockwarden(null, args);
    assert.equal(code, 1);
    assert.equal(stdout, "");
    assert.match(stderr, words);
    assert.equal(stderr.trimEnd().split("\n").length, 1);
  });
}

test("help has an example for every verb, and exits 0", async () => {
  for (const verb of ["who", "top", "diagnose", "doctor", "tune", "check"]) {
    const { code, stdout } = await sockwarden(null, [verb, "--help"]);
    assert.equal(code, 0);
    assert.match(stdout, new RegExp(`Examples:[\\s\\S]*sockwarden ${verb}`));
    assert.match(stdout, /--json/);
  }
});

test("--version prints the package's version", async () => {
  const { code, stdout } = await sockwarden(null, ["--version"]);
  assert.equal(code, 0);
  assert.match(stdout, /^\d+\.\d+\.\d+\n$/);
});

test("who --json is one line with one document, and times in RFC 3339", async () => {
  const ran = await sockwarden(null, ["who", "--json"]);
  assert.equal(ran.stdout.trimEnd().split("\n").length, 1);
  const { schema, takenAt, sockets, outbound, listeners, sources } = parseWho(ran);
  assert.equal(schema, 1);
  assert.match(takenAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  const inbound = listeners.flatMap(({ conduct }) => Object.values(conduct)).reduce((sum, n) => sum + n, 0);
  assert.equal(inbound + outbound, sockets);
  assert.ok(Array.isArray(sources));
});

test("who -p PORT shows this test's listener and its process, and nothing else", async () => {
  const { listeners } = parseWho(await sockwarden(null, ["who", "--json", "-p", String(port)]));
  assert.deepEqual(
    listeners.map(({ endpoints }) => endpoints.map((endpoint) => endpoint.port)),
    [[port]],
  );
  assert.deepEqual(
    listeners[0]!.processes.map(({ pid }) => pid),
    [process.pid],
  );
  assert.equal(listeners[0]!.endpoints[0]!.address, "127.0.0.1");
});

test("a port without a listener is told on stderr, and is no failure", async () => {
  const { code, stdout, stderr } = await sockwarden(null, ["who", "-p", "1"]);
  assert.equal(code, 0);
  assert.match(stdout, /^0 connections to 0 listeners/);
  assert.match(stderr, /Nothing listens on TCP port 1\./);
});

test("text carries colours only where they are wanted", async (t) => {
  // A silent connection is something to be painted.
  const client = connect(port, "127.0.0.1");
  t.after(() => client.destroy());
  await once(client, "connect");
  const args = ["who", "-p", String(port), "--silent-for", "1ms"];
  // script(1) gives the program a terminal.
  const argv = ["script", "-qec", `'${process.execPath}' '${BIN}' ${args.join(" ")}`, "/dev/null"];
  const env = {
    ...process.env,
    TERM: "xterm",
    NO_COLOR: undefined,
    FORCE_COLOR: undefined,
    NODE_DISABLE_COLORS: undefined,
    // Node takes a CI's terminal for one without colours.
    CI: undefined,
  };
  assert.ok((await run(argv, env)).stdout.includes("\u001b["), "a terminal gets them");
  assert.ok(
    !(await run(argv, { ...env, NO_COLOR: "1" })).stdout.includes("\u001b["),
    "not against its user's wish",
  );
  assert.ok(!(await sockwarden(null, args)).stdout.includes("\u001b["), "a pipe does not");
});

test("a reader that leaves early is no failure", async () => {
  const child = spawn(process.execPath, [BIN, "who", "--json", "-p", String(port)], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  child.stdout.destroy();
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const code = await new Promise((resolve) => child.on("close", resolve));
  assert.deepEqual([code, stderr], [0, ""]);
});

test("an ordinary user sees every connection, and hears which facts are hidden", async (t) => {
  if (process.getuid?.() !== 0) return t.skip("this test steps down from root");
  const argv = [
    "setpriv",
    "--reuid=65534",
    "--regid=65534",
    "--clear-groups",
    "--",
    process.execPath,
    BIN,
    "who",
  ];
  const { code, stdout, stderr } = await run([...argv, "-p", String(port), "--json"]);
  assert.equal(code, 0, stderr);
  const { listeners } = JSON.parse(stdout);
  assert.deepEqual(listeners[0].processes, []);
  assert.match(listeners[0].name, new RegExp(`:${port}$`));
  assert.match(stderr, /hidden from this user; run as root/);
});

test("under an older Node one line says which Node is needed, with exit 2", (t) => {
  const old = ["/usr/bin/node", "/usr/local/bin/node"].find((path) => {
    const { stdout } = spawnSync(path, ["-p", "process.versions.node"], { encoding: "utf8" });
    return existsSync(path) && Number(stdout.split(".")[0]) < 24;
  });
  if (old === undefined) return t.skip("no older Node on this machine");
  const { status, stdout, stderr } = spawnSync(old, [BIN, "who"], { encoding: "utf8" });
  assert.equal(status, 2);
  assert.equal(stdout, "");
  assert.match(stderr, /^sockwarden: needs Node 24 or later; this is Node \d+\.\d+\.\d+ .*\n$/);
});
