// The other side of the SIP bench: answers every request with 200, as cheaply as it can. It is a process of its own, so
// that the measured CPU is the prober's alone. Prints its port.

import dgram from "node:dgram";
import net, { type AddressInfo } from "node:net";

function answer(request: Buffer): string {
  const lines = request.toString("latin1").split("\r\n");
  const copied = lines.filter((line) => /^(Via|From|To|Call-ID|CSeq):/.test(line));
  return `SIP/2.0 200 OK\r\n${copied.join("\r\n")}\r\nContent-Length: 0\r\n\r\n`;
}

const tcp = net.createServer((socket) => {
  socket.on("error", () => {}).on("data", (chunk) => socket.write(answer(chunk)));
});
tcp.listen(0, "127.0.0.1", () => {
  const { port } = tcp.address() as AddressInfo;
  const udp = dgram.createSocket("udp4");
  udp.on("message", (bytes, peer) => udp.send(answer(bytes), peer.port, peer.address));
  udp.bind(port, "127.0.0.1", () => process.stdout.write(`${port}\n`));
});
// The pipe ends when the bench that started this has gone.
process.stdin.on("end", () => process.exit()).resume();
