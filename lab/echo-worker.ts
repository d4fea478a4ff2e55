// The lab's server. It sends back what it gets. It knows four lines, but only at the beginning of a chunk:
//
//   SEND n    the server answers with n bytes
//   CLOSE     the server closes its side first, all of it: FIN-WAIT-2, and TIME-WAIT once the client follows
//   END       the server closes only its sending side and keeps the descriptor
//   BLOCK n   the server does nothing at all for n milliseconds, like one that waits for a database
//
// In `leak` mode it never closes by itself: a client's FIN leaves the socket in CLOSE-WAIT.
// The handlers are shared by all sockets, since a process may hold 18 000 of them.

import { createServer, type Socket } from "node:net";
import type { EchoTask } from "./messages.ts";
import { onTask, tellKeeper } from "./worker.ts";

/** One piece of the answer to SEND, used for all of them. */
const PIECE = Buffer.alloc(64 * 1024, "x");
const COMMAND_LINE = /^(SEND (\d{1,9})|BLOCK (\d{1,9})|CLOSE|END)\r?\n/;
const S = 0x53;
const C = 0x43;
const E = 0x45;
const B = 0x42;

onTask((task) => {
  if (task.kind === "echo") serve(task).then(() => tellKeeper({ kind: "ready" }), fail);
});

/** All connections, if the server speaks by itself. */
const pushed = new Set<Socket>();

async function serve(task: EchoTask): Promise<void> {
  if (task.pushEveryMs > 0) setInterval(pushToAll, task.pushEveryMs);
  const server = { allowHalfOpen: task.mode === "leak" };
  for (const port of task.ports) {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    createServer(server, welcome).once("error", reject).listen(
      {
        host: task.address,
        port,
        backlog: task.backlog,
        ipv6Only: task.v6only,
        reusePort: task.reusePort,
      },
      resolve,
    );
    await promise;
  }
}

function fail(error: unknown): void {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exit(1);
}

function welcome(socket: Socket): void {
  socket.on("data", answer);
  // A reset is an ordinary end here; 'close' follows it.
  socket.on("error", ignore);
  pushed.add(socket);
  socket.once("close", () => pushed.delete(socket));
}

function pushToAll(): void {
  for (const socket of pushed) socket.write("news\n");
}

function answer(this: Socket, chunk: Buffer): void {
  const command = mayBeCommand(chunk[0]!) ? COMMAND_LINE.exec(chunk.toString("latin1", 0, 32)) : null;
  if (command === null) this.write(chunk);
  else if (command[1] === "CLOSE") closeFirst(this);
  else if (command[1] === "END") this.end();
  else if (command[3] !== undefined) block(Number(command[3]));
  else sendBytes(this, Number(command[2]));
}

function mayBeCommand(byte: number): boolean {
  return byte === S || byte === C || byte === E || byte === B;
}

function closeFirst(socket: Socket): void {
  // close() sends a FIN and not a reset once everything is read and written.
  socket.end(() => socket.destroy());
}

function sendBytes(socket: Socket, count: number): void {
  for (let left = count; left > 0; left -= PIECE.length) {
    socket.write(left >= PIECE.length ? PIECE : PIECE.subarray(0, left));
  }
}

function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

function ignore(): void {}
