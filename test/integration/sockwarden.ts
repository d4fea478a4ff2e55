// Runs the program as users do, through bin/sockwarden.js.

import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Namespace } from "../../lab/index.ts";
import type { Conduct } from "../../src/model/index.ts";

export const BIN: string = fileURLToPath(new URL("../../bin/sockwarden.js", import.meta.url));

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `sockwarden ARGS` to its end, in a namespace or, with null, where the test runs. */
export async function sockwarden(namespace: Namespace | null, args: readonly string[]): Promise<Ran> {
  const argv = [process.execPath, BIN, ...args];
  return namespace === null ? run(argv) : namespace.run(argv, { timeoutMs: 30_000 });
}

/** Runs any program to its end, 30 s at most. */
export function run(argv: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(argv[0]!, argv.slice(1), { stdio: ["ignore", "pipe", "pipe"], timeout: 30_000, env });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
}

/** The document of `who --json`, as far as tests read it. */
export interface Who {
  readonly schema: number;
  readonly takenAt: string;
  readonly scanMs: number;
  readonly sockets: number;
  readonly outbound: number;
  readonly listeners: readonly {
    readonly name: string;
    readonly endpoints: readonly {
      readonly address: string;
      readonly port: number;
      readonly backlog: { readonly used: number; readonly limit: number };
    }[];
    readonly processes: readonly {
      readonly pid: number;
      readonly name: string | null;
      readonly fdUsed: number | null;
      readonly fdLimit: number | null;
    }[];
    readonly connections: number;
    readonly conduct: Readonly<Record<Conduct, number>>;
  }[];
  readonly sources: readonly {
    readonly source: string;
    readonly connections: number;
    readonly conduct: Readonly<Record<Conduct, number>>;
    readonly listeners: Readonly<Record<string, number>>;
  }[];
  readonly groups?: readonly { readonly pid?: number | null; readonly connections: number }[];
}

/** Fails with the program's words unless it ended well. */
export function parseWho({ code, stdout, stderr }: Ran): Who {
  if (code !== 0) throw new Error(`who ended with ${code}: ${stderr}`);
  return JSON.parse(stdout);
}
