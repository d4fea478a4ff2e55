// The API on a unix socket. Whoever may open the socket's file may use the API; peer credentials tell who did.
//
// A socket's file outlives its daemon. It is replaced only where it is a socket and nobody answers on it; a second daemon
// on the same path is refused, even if both start at the same moment.

import {
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  unlinkSync,
} from "node:fs";
import type { Server } from "node:http";
import { connect } from "node:net";
import path from "node:path";
import type { Env, Hono } from "hono";
import { reasonOf } from "../model/index.ts";
import { rememberPeer } from "./callers.ts";
import { ApiError } from "./errors.ts";
import { closeServer, createBoundedServer, HTTP_LIMITS, type ServerLimits } from "./http-server.ts";

/** A daemon that is busy for longer than this is taken for alive. */
const ANSWER_MS = 2000;

export interface UnixOptions {
  readonly path: string;
  /** 0o660 by default. */
  readonly mode?: number;
  /** Name or number of the group that owns the socket; absent: the process's own. */
  readonly group?: string | number;
  readonly limits?: Partial<ServerLimits>;
}

/** Throws ApiError where the path is taken. The socket's file goes with the server. */
export async function serveUnix<E extends Env>(
  app: Hono<E>,
  { path: file, mode = 0o660, group, limits }: UnixOptions,
): Promise<AsyncDisposable> {
  makeFolder(path.dirname(file));
  const gid = group === undefined ? null : groupId(group);
  await removeStale(file);
  const server = createBoundedServer(app, { ...HTTP_LIMITS, ...limits });
  server.on("connection", rememberPeer);
  await listenAt(server, file);
  try {
    if (gid !== null) chownSync(file, process.getuid!(), gid);
    chmodSync(file, mode);
  } catch (error) {
    await closeServer(server);
    throw new ApiError(
      "listen",
      "set the rights of the socket",
      `cannot set the rights of ${file}: ${reasonOf(error)}`,
      error,
    );
  }
  // libuv takes the file away when it closes the listening socket.
  return { [Symbol.asyncDispose]: () => closeServer(server) };
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    const text = `cannot make the folder of the socket, ${folder}: ${reasonOf(error)}; choose another with \`socket:\`, or make it for this user`;
    throw new ApiError("listen", "make the folder of the socket", text, error);
  }
}

/** Binds while nobody but this user may open the file: its rights are widened afterwards. */
function listenAt(server: Server, file: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const refused = (error: NodeJS.ErrnoException): void =>
      reject(
        error.code === "EADDRINUSE"
          ? inUse(file)
          : new ApiError(
              "listen",
              "listen",
              `cannot listen on ${file}: ${error.message}; choose another place with \`socket:\`, or let this user write there`,
              error,
            ),
      );
    server.once("error", refused);
    const before = process.umask(0o177);
    try {
      server.listen(file, () => {
        server.off("error", refused);
        resolve();
      });
    } finally {
      process.umask(before);
    }
  });
}

/** Numbers the files moved aside, so that two starts in one process do not collide. */
let moved = 0;

async function removeStale(file: string): Promise<void> {
  const found = lstatSync(file, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSocket())
    throw new ApiError(
      "not-a-socket",
      "replace the socket",
      `${file} exists and is no socket; move it away or choose another path for the socket`,
    );
  if (await isAnswered(file)) throw inUse(file);
  // It moves the file first and then asks once more: another daemon may have put its own here in between.
  const aside = `${file}.stale-${process.pid}-${++moved}`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw new ApiError("listen", "replace the socket", `cannot replace ${file}: ${reasonOf(error)}`, error);
  }
  const alive = await isAnswered(aside);
  if (alive) linkSync(aside, file);
  unlinkSync(aside);
  if (alive) throw inUse(file);
}

/** Whether anybody accepts connections there. Only a plain refusal says that nobody does. */
function isAnswered(file: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(file);
    const settle = (taken: boolean): void => {
      socket.destroy();
      resolve(taken);
    };
    socket.setTimeout(ANSWER_MS, () => settle(true));
    socket.once("connect", () => settle(true));
    socket.once("error", ({ code }: NodeJS.ErrnoException) =>
      settle(code !== "ECONNREFUSED" && code !== "ENOENT"),
    );
  });
}

function inUse(file: string): ApiError {
  return new ApiError(
    "socket-in-use",
    "listen",
    `another daemon answers on ${file}; stop it, or give this one another socket and state folder`,
  );
}

/** From /etc/group (group(5)): NAME:PASSWORD:GID:MEMBERS. */
function groupId(group: string | number): number {
  if (typeof group === "number") return group;
  const line = readFileSync("/etc/group", "utf8")
    .split("\n")
    .find((text) => text.startsWith(`${group}:`));
  const gid = Number(line?.split(":")[2] ?? Number.NaN);
  if (!Number.isInteger(gid))
    throw new ApiError("no-such-group", "find the group", `there is no group ${group} in /etc/group`);
  return gid;
}
