// `sockwarden top` as a person sees it: in a real terminal (tmux on a server of its own), against a server of this test.

import assert from "node:assert/strict";
import { execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const SOCKWARDEN = fileURLToPath(new URL("../../bin/sockwarden.js", import.meta.url));
const WAIT_MS = 8000;

const tmuxMissing = spawnSync("tmux", ["-V"]).error === undefined ? false : "tmux is not installed";

/** A shell in a terminal. The prompt is `ready>`. */
class Pane implements AsyncDisposable {
  readonly #folder = mkdtempSync(path.join(tmpdir(), "sockwarden-top-"));
  readonly #socket = path.join(this.#folder, "tmux");

  static async open(shell = "sh"): Promise<Pane> {
    const pane = new Pane();
    // tmux starts commands with the user's own shell, and some users have one that does nothing.
    const env = { ...process.env, LC_ALL: "C.UTF-8", SHELL: "/bin/sh" };
    const size = ["-x", "100", "-y", "24"];
    await run(
      "tmux",
      ["-f", "/dev/null", "-S", pane.#socket, "new-session", "-d", ...size, `exec ${shell}`],
      { env },
    );
    try {
      await pane.until((screen) => screen.trim() !== "", "a shell");
      await pane.type("PS1='rea''dy> '");
      await pane.keys("Enter");
      await pane.until((screen) => /^ready>/m.test(screen), "a prompt");
    } catch (error) {
      await pane[Symbol.asyncDispose]();
      throw error;
    }
    return pane;
  }

  async tmux(...args: string[]): Promise<string> {
    return (await run("tmux", ["-S", this.#socket, ...args])).stdout;
  }

  async keys(...keys: string[]): Promise<void> {
    await this.tmux("send-keys", ...keys);
  }

  async type(text: string): Promise<void> {
    await this.tmux("send-keys", "-l", text);
  }

  async screen(): Promise<string> {
    return this.tmux("capture-pane", "-p");
  }

  async shown(variable: string): Promise<string> {
    return (await this.tmux("display-message", "-p", `#{${variable}}`)).trim();
  }

  /** Waits until the screen is as wished, and returns it. */
  async until(wished: (screen: string) => boolean, what: string): Promise<string> {
    const untilMs = performance.now() + WAIT_MS;
    for (;;) {
      const screen = await this.screen();
      if (wished(screen)) return screen;
      if (performance.now() > untilMs) assert.fail(`waited in vain for ${what}; the screen is\n${screen}`);
      await sleep(40);
    }
  }

  /** Starts the live view, followed by its exit code, and returns its pid. */
  async startTop(...args: string[]): Promise<number> {
    const words = [process.execPath, SOCKWARDEN, "top", ...args];
    await this.type(`${words.map((word) => `'${word}'`).join(" ")}; echo "code=$?"`);
    await this.keys("Enter");
    await this.until((screen) => /^LISTENER/m.test(screen), "the live view");
    return childOf(Number(await this.shown("pane_pid")));
  }

  /** The shell's own screen, with the cursor back. */
  async assertRestored(): Promise<void> {
    const screen = await this.until(
      (text) => /^ready>/m.test(text) && !text.includes("LISTENER "),
      "the shell's screen",
    );
    // The length of the project's path decides where the command line is broken at its space.
    assert.match(screen.replaceAll("\n", ""), /sockwarden\.js' ?'top'/);
    assert.equal(await this.shown("alternate_on"), "0");
    assert.equal(await this.shown("cursor_flag"), "1");
    assert.equal(await this.shown("wrap_flag"), "1");
    await this.type("stty -a");
    await this.keys("Enter");
    const modes = await this.until((text) => /\bechoke\b/.test(text), "the terminal's modes");
    for (const mode of ["icanon", "echo", "isig", "icrnl", "opost"])
      assert.match(modes, new RegExp(`(^| )${mode}\\b`, "m"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.tmux("kill-server").catch(() => {});
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function childOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ")[0]);
}

/** Waits for a process to be gone, or dead and not yet reaped. */
async function untilDead(pid: number): Promise<void> {
  const untilMs = performance.now() + WAIT_MS;
  for (;;) {
    try {
      if (/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"))) return;
    } catch {
      return;
    }
    assert.ok(performance.now() < untilMs, `process ${pid} lives on`);
    await sleep(20);
  }
}

describe("sockwarden top", { timeout: 60_000 }, () => {
  let server: Server;
  let port = 0;
  const clients: Socket[] = [];

  async function hold(localAddress: string, count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      const client = connect({ host: "127.0.0.1", port, localAddress });
      client.on("error", () => {});
      clients.push(client);
      await once(client, "connect");
    }
  }

  before(async () => {
    server = createServer((socket) => socket.on("error", () => {}));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    port = (server.address() as { port: number }).port;
    await hold("127.0.0.11", 2);
    await hold("127.0.0.12", 5);
  });

  after(() => {
    for (const client of clients) client.destroy();
    server.close();
  });

  const inTerminal = { skip: tmuxMissing };
  const rowOf = (source: string, connections: number): RegExp =>
    new RegExp(`^${source} +${connections} `, "m");

  it("shows the listener, its sources and what grows, and obeys the keys", inTerminal, async () => {
    await using pane = await Pane.open();
    await pane.startTop("-p", String(port), "--interval", "200ms");
    let screen = await pane.until((text) => rowOf("127.0.0.12", 5).test(text), "the largest source");
    assert.match(screen, new RegExp(`^\\S+:${port} +7 `, "m"));
    assert.match(screen, /7 connections .*2 sources {2}1 listener /);
    assert.ok(screen.indexOf("127.0.0.12") < screen.indexOf("127.0.0.11"));

    await hold("127.0.0.11", 4);
    await pane.until((text) => /^127\.0\.0\.11 +6 +\+\d/m.test(text), "growth");

    await pane.type("<");
    screen = await pane.until((text) => text.includes("2 sources, by source"), "another order");
    assert.ok(screen.indexOf("127.0.0.11 ") < screen.indexOf("127.0.0.12 "));
    await pane.type("r");
    screen = await pane.until((text) => text.includes("by source, reversed"), "the order reversed");
    assert.ok(screen.indexOf("127.0.0.12 ") < screen.indexOf("127.0.0.11 "));

    await pane.type("/127.0.0.12");
    await pane.until((text) => text.includes("filter: 127.0.0.12"), "the prompt");
    await pane.keys("Enter");
    screen = await pane.until((text) => text.includes("1 source matching"), "the filter");
    assert.doesNotMatch(screen, rowOf("127.0.0.11", 6));
    await pane.keys("Escape");
    await pane.until((text) => rowOf("127.0.0.11", 6).test(text), "everybody again");

    await pane.type("p+?");
    screen = await pane.until(
      (text) => /PAUSED/.test(text) && /FULL IN +when/.test(text),
      "help, and a pause",
    );
    assert.match(screen, /every 500ms/);
    await pane.type("?p");
    await pane.until((text) => /^SOURCE/m.test(text) && !/PAUSED/.test(text), "the view again");

    await pane.type("q");
    await pane.until((text) => /^code=0$/m.test(text), "its end");
    await pane.assertRestored();
  });

  it("fits any size that the terminal takes", inTerminal, async () => {
    await using pane = await Pane.open();
    await pane.startTop("-p", String(port));
    for (const [width, height] of [
      [140, 40],
      [40, 10],
      [20, 5],
      [4, 2],
      [80, 24],
    ] as const) {
      await pane.tmux("resize-window", "-x", String(width), "-y", String(height));
      await pane.until(
        (text) => text.split("\n")[height - 1]!.startsWith("q quit".slice(0, width)),
        `${width}x${height}`,
      );
    }
    await pane.until((text) => /^127\.0\.0\.12 +5 /m.test(text), "the sources");
    await pane.keys("C-c");
    await pane.until((text) => /^code=0$/m.test(text), "its end");
  });

  it("gives the terminal back on SIGTERM", inTerminal, async () => {
    await using pane = await Pane.open();
    process.kill(await pane.startTop("-p", String(port)), "SIGTERM");
    await pane.until((text) => /^code=0$/m.test(text), "its end");
    await pane.assertRestored();
  });

  it("has the terminal given back on SIGKILL, and leaves no process behind", inTerminal, async () => {
    await using pane = await Pane.open();
    const pid = await pane.startTop("-p", String(port));
    const restorer = childOf(pid);
    process.kill(pid, "SIGKILL");
    await untilDead(restorer);
    // The shell's words from before the restorer's may be lost with the other screen.
    await pane.keys("Enter");
    await pane.assertRestored();
  });

  const bashMissing = spawnSync("bash", ["--version"]).error === undefined ? false : "bash is not installed";

  it("makes a shell with a line editor show its prompt again after SIGKILL", {
    skip: tmuxMissing || bashMissing,
  }, async () => {
    await using pane = await Pane.open("bash --norc --noprofile");
    process.kill(await pane.startTop("-p", String(port)), "SIGKILL");
    await pane.until((text) => text.trimEnd().split("\n").at(-1) === "ready>", "the prompt");
    await pane.assertRestored();
  });

  it("gives the terminal back on Ctrl-Z, and comes back with fg", inTerminal, async () => {
    await using pane = await Pane.open();
    const restorer = childOf(await pane.startTop("-p", String(port)));
    await pane.keys("C-z");
    await pane.assertRestored();
    await pane.type("clear; fg");
    await pane.keys("Enter");
    await pane.until((text) => /^LISTENER/m.test(text) && text.includes("q quit"), "the live view again");
    assert.equal(await pane.shown("alternate_on"), "1");
    await pane.type("q");
    await pane.until((text) => /^ready>/m.test(text) && !/^LISTENER/m.test(text), "its end");
    await untilDead(restorer);
  });

  it("prints one scan after another where there is no terminal, and ends by the count", async () => {
    const { stdout } = await run(process.execPath, [
      SOCKWARDEN,
      "top",
      "-p",
      String(port),
      "--count",
      "2",
      "--interval",
      "100ms",
    ]);
    assert.equal(stdout.match(/^LISTENER /gm)?.length, 2);
    assert.equal(stdout.match(/^127\.0\.0\.12 +5 /gm)?.length, 2);
    assert.match(stdout, /\n\n\d+ connections to 1 listener/);
  });

  it("writes a JSON document a line, and sums up when it is told to end", async () => {
    const child = spawn(process.execPath, [
      SOCKWARDEN,
      "top",
      "-p",
      String(port),
      "--json",
      "--interval",
      "100ms",
      "--top",
      "1",
    ]);
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      output += chunk;
      if (output.split("\n").length > 3 && !child.killed) child.kill("SIGTERM");
    });
    const [code] = await once(child, "close");
    assert.equal(code, 0);
    const documents = output
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    const summary = documents.pop();
    assert.ok(documents.length >= 3);
    for (const { schema, type, listeners, sources } of documents) {
      assert.deepEqual([schema, type, listeners.length, sources.length], [1, "scan", 1, 1]);
    }
    const connections = documents.at(-1).listeners[0].connections;
    assert.ok(summary.durationMs >= 200);
    const { durationMs: _, ...rest } = summary;
    assert.deepEqual(rest, {
      schema: 1,
      type: "summary",
      scans: documents.length,
      failedScans: 0,
      peakConnections: connections,
    });
  });

  it("ends quietly when nobody reads on", async () => {
    const child = spawn(process.execPath, [SOCKWARDEN, "top", "--interval", "100ms"]);
    let complaints = "";
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      complaints += chunk;
    });
    child.stdout.once("data", () => child.stdout.destroy());
    const [code] = await once(child, "close");
    assert.equal(code, 0);
    assert.doesNotMatch(complaints, /Error|EPIPE/);
  });

  it("refuses wrong usage with 2, and fails with 1 where there is nothing to scan", async () => {
    const codeOf = (...args: string[]): number | null =>
      spawnSync(process.execPath, [SOCKWARDEN, "top", ...args]).status;
    assert.equal(codeOf("--interval", "50ms"), 2);
    assert.equal(codeOf("--interval", "5"), 2);
    assert.equal(codeOf("--count", "0"), 2);
    assert.equal(codeOf("--netns", "no-such-namespace"), 1);
  });
});
