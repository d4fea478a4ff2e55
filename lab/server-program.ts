// A server from the distribution in the victim namespace: its configuration in a folder of its own, its processes, and
// its readiness. Kamailio and mosquitto are each a few lines on top of it.

import { existsSync } from "node:fs";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Namespace, Started } from "./namespace.ts";
import { until } from "./wait.ts";

const READY_TIMEOUT_MS = 15_000;
const PROGRAM_FOLDERS = ["/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/local/sbin", "/usr/local/bin"];

/** The path of an installed program, or null. */
export function findProgram(name: string): string | null {
  return PROGRAM_FOLDERS.map((folder) => path.join(folder, name)).find((file) => existsSync(file)) ?? null;
}

export interface ServerProgram {
  readonly name: string;
  readonly configuration: string;
  /** The arguments, which get the configuration's file and a folder that the program may write to. */
  readonly args: (files: { readonly configuration: string; readonly folder: string }) => readonly string[];
  readonly ports: readonly number[];
  /** Soft and hard RLIMIT_NOFILE. */
  readonly descriptors: { readonly soft: number; readonly hard: number } | null;
}

export interface RunningServer {
  /** The process that was started. It may have forked others. */
  readonly pid: number;
  output(): ReturnType<Started["output"]>;
  stop(): Promise<void>;
}

/** Starts a server. Resolves when it listens on all its ports. */
export async function startServer(namespace: Namespace, program: ServerProgram): Promise<RunningServer> {
  const file = findProgram(program.name);
  if (file === null) throw new Error(`${program.name} is not installed`);
  const folder = await mkdtemp(path.join(tmpdir(), `sockwarden-${program.name}-`));
  // The folder is readable, because servers that step down from root still read their files.
  await chmod(folder, 0o755);
  const configuration = path.join(folder, `${program.name}.conf`);
  await writeFile(configuration, program.configuration);
  const { descriptors } = program;
  const limit =
    descriptors === null ? [] : ["prlimit", `--nofile=${descriptors.soft}:${descriptors.hard}`, "--"];
  const started = await namespace.start([...limit, file, ...program.args({ configuration, folder })]);
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    await until(() => listensOn(namespace, program.ports), {
      what: `${program.name} to listen on ${program.ports}`,
      timeoutMs: READY_TIMEOUT_MS,
    });
  } catch (error) {
    const { stdout, stderr } = started.output();
    await started.stop();
    await remove();
    throw new Error(`${program.name} did not start: ${stdout}${stderr}`, { cause: error });
  }
  // The configuration stays while the server runs, because Sockwarden reads its limits from it.
  void started.ended.then(remove);
  return {
    pid: started.pid,
    output: () => started.output(),
    stop: async () => {
      await started.stop();
      await remove();
    },
  };
}

async function listensOn(namespace: Namespace, ports: readonly number[]): Promise<boolean> {
  const text = await namespace.read(["ss", "-ltnH"]);
  return ports.every((port) => new RegExp(`:${port}\\s`).test(text));
}
