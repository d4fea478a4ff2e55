// Goal: broken answers of a foreign SIP stack get the outcomes they deserve. Way: SIPp as the server, one scenario each.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Outcome, ProbeOptions } from "../../src/sip/index.ts";
import { inPath } from "./sip-certificates.ts";
import { freePort, probeOnce } from "./sip-support.ts";

const fixtures = path.join(import.meta.dirname, "../fixtures/sipp");

interface Sipp extends AsyncDisposable {
  readonly port: number;
}

async function startSipp(scenario: string, transport: "udp" | "tcp"): Promise<Sipp> {
  const folder = mkdtempSync(path.join(tmpdir(), "sockwarden-sipp-"));
  const port = await freePort();
  const args = ["-sf", path.join(fixtures, `${scenario}.xml`), "-i", "127.0.0.1", "-p", String(port)];
  const mode = ["-t", transport === "udp" ? "u1" : "t1", "-nostdin", "-m", "100", "-timeout", "20s"];
  const child = spawn("sipp", [...args, ...mode], {
    cwd: folder,
    stdio: "ignore",
    env: { ...process.env, TERM: "dumb" },
  });
  const exited = once(child, "exit");
  const sipp = {
    port,
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
  // SIPp does not say when it is ready, but its port no longer refuses.
  for (let tries = 0; tries < 60; tries++) {
    await sleep(50);
    const { outcome } = await probeOnce(`${transport}:127.0.0.1:${port}`, { deadlineMs: 900 });
    if (outcome !== "refused") return sipp;
  }
  await sipp[Symbol.asyncDispose]();
  throw new Error("sipp did not start");
}

const CASES: readonly (readonly [string, "udp" | "tcp", Outcome, Partial<ProbeOptions>])[] = [
  ["late", "tcp", "late", { lateAfterMs: 400, deadlineMs: 3000 }],
  ["late", "udp", "retransmitted", { lateAfterMs: 400, deadlineMs: 3000 }],
  ["draining", "udp", "unavailable", {}],
  ["redirect", "tcp", "redirect", {}],
  ["cut", "tcp", "half-message", {}],
  ["cut", "udp", "half-message", {}],
  ["other-branch", "tcp", "stray-response", {}],
  ["other-method", "udp", "stray-response", {}],
  ["bad-cseq", "tcp", "bad-response", {}],
  ["trying", "tcp", "no-final-response", {}],
];

describe("SIPp as the server", {
  concurrency: 4,
  skip: inPath("sipp") ? false : "sipp is not installed",
}, () => {
  for (const [scenario, transport, outcome, options] of CASES) {
    test(`that plays ${scenario} over ${transport} is ${outcome}`, async () => {
      await using sipp = await startSipp(scenario, transport);
      const result = await probeOnce(`${transport}:127.0.0.1:${sipp.port}`, options);
      assert.deepEqual([result.phase, result.outcome], ["response", outcome], result.detail);
    });
  }
});
