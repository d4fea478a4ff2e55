// A real Kamailio of the test's own: free ports, its own folder, gone with all it made when disposed of.

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, globSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Certificates, inPath, makeCertificates } from "./sip-certificates.ts";
import { freePort, probeOnce } from "./sip-support.ts";

export interface Kamailio extends AsyncDisposable {
  readonly port: number;
  readonly tlsPort: number;
  readonly wsPort: number;
  readonly wssPort: number;
  readonly certificates: Certificates;
  /** The registrar's bindings, as kamcmd prints them. */
  bindings(): string;
}

export interface KamailioOptions {
  readonly algorithm: "MD5" | "SHA-256";
  /** RLIMIT_NOFILE of its processes; null for the test's own. */
  readonly descriptors: number | null;
}

/** Why Kamailio cannot be run here, or null. */
export function whyNoKamailio(): string | null {
  for (const program of ["kamailio", "kamcmd", "openssl"])
    if (!inPath(program)) return `${program} is not installed`;
  for (const module of ["tls", "websocket"])
    if (globSync(`/usr/lib{,/*}/kamailio/modules/${module}.so`).length === 0)
      return `its ${module} module is not installed`;
  return null;
}

const config = path.join(import.meta.dirname, "../fixtures/kamailio/kamailio.cfg");

/** Another test may take a free port before Kamailio does; then it tries again. */
export async function startKamailio(options: KamailioOptions): Promise<Kamailio> {
  for (let tries = 1; ; tries++) {
    try {
      return await tryKamailio(options);
    } catch (error) {
      if (tries === 3) throw error;
    }
  }
}

async function tryKamailio({ algorithm, descriptors }: KamailioOptions): Promise<Kamailio> {
  const folder = mkdtempSync(path.join(tmpdir(), "sockwarden-kamailio-"));
  chmodSync(folder, 0o755);
  const certificates = makeCertificates(folder);
  const { cert, key } = certificates.make("server", "DNS:pbx.example,IP:127.0.0.1,IP:::1", 30);
  const [port, tlsPort, wsPort, wssPort] = [
    await freePort(),
    await freePort(),
    await freePort(),
    await freePort(),
  ];
  const control = path.join(folder, "ctl");
  const env = {
    ...process.env,
    SW_PORT: String(port),
    SW_TLS_PORT: String(tlsPort),
    SW_WS_PORT: String(wsPort),
    SW_WSS_PORT: String(wssPort),
    SW_CTL: `unix:${control}`,
    SW_CERT: cert,
    SW_KEY: key,
    SW_ALGORITHM: algorithm,
    SW_DEBUG: descriptors === null ? "0" : "-5",
  };
  const args = ["-f", config, "-DD", "-E", "-m", "32", "-M", "4", "-Y", folder, "-w", folder];
  // A group of its own, so that its children can be ended with it.
  const limit = descriptors === null ? "" : `ulimit -n ${descriptors} && `;
  const child = spawn("sh", ["-c", `${limit}exec kamailio "$@"`, "sh", ...args], {
    env,
    stdio: ["ignore", "ignore", "pipe"],
    detached: true,
  });
  let log = "";
  child.stderr.on("data", (chunk) => {
    log = `${log}${chunk}`.slice(-4000);
  });
  const exited = once(child, "exit");
  const stop = async () => {
    child.kill("SIGTERM");
    const ended = await Promise.race([exited.then(() => true), sleep(3000, false, { ref: false })]);
    if (!ended && child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    await exited;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await untilAnswering(port, () => child.exitCode);
  } catch {
    await stop();
    throw new Error(`kamailio did not start: ${log}`);
  }
  return {
    port,
    tlsPort,
    wsPort,
    wssPort,
    certificates,
    bindings: () => execFileSync("kamcmd", ["-s", `unix:${control}`, "ul.dump"], { encoding: "utf8" }),
    [Symbol.asyncDispose]: stop,
  };
}

/** Kamailio opens all listeners before its first process answers, so one of them stands for all. */
async function untilAnswering(port: number, exitCode: () => number | null): Promise<void> {
  for (let tries = 0; tries < 100 && exitCode() === null; tries++) {
    const { attempt } = await probeOnce(`tcp:127.0.0.1:${port}`, { deadlineMs: 500 });
    if (attempt?.code === 200) return;
    await sleep(50);
  }
  throw new Error("no answer");
}
