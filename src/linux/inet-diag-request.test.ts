import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { TcpState } from "../model/index.ts";
import { AF_INET } from "./inet-diag-layout.ts";
import {
  encodeDumpRequest,
  encodePortFilter,
  PORT_RANGES_MAX,
  portRanges,
  stateMask,
} from "./inet-diag-request.ts";

const port = fc.integer({ min: 1, max: 65_535 });
const ports = fc.uniqueArray(port, { minLength: 1, maxLength: 100 });

/** Runs a filter as the kernel does: inet_diag_bc_run() of net/ipv4/inet_diag.c, for the operations used here. */
function runFilter(code: Uint8Array, localPort: number): boolean {
  const view = new DataView(code.buffer);
  let offset = 0;
  let left = code.length;
  for (let steps = 0; left > 0; steps++) {
    assert.ok(steps < code.length, "the filter ends");
    const [op, yes, no] = [code[offset]!, code[offset + 1]!, view.getUint16(offset + 2, true)];
    const operand = left > 4 ? view.getUint16(offset + 6, true) : 0;
    const holds = op === 2 ? localPort >= operand : op === 3 ? localPort <= operand : false;
    const step = holds ? yes : no;
    left -= step;
    offset += step;
  }
  return left === 0;
}

test("a port filter wants exactly the ports that it was made of", () => {
  fc.assert(
    fc.property(ports, port, (wanted, other) => {
      const code = encodePortFilter(portRanges(wanted));
      for (const candidate of [...wanted, other, 0, 65_535]) {
        assert.equal(runFilter(code, candidate), wanted.includes(candidate), `port ${candidate}`);
      }
    }),
  );
});

test("every jump of a port filter lands where the kernel's own check finds it", () => {
  fc.assert(
    fc.property(ports, (wanted) => {
      const code = encodePortFilter(portRanges(wanted));
      const view = new DataView(code.buffer);
      // valid_cc() walks by the "yes" steps; a target within the code must be on that walk.
      const reachable = new Set<number>();
      for (let offset = 0; offset < code.length; offset += code[offset + 1]!) reachable.add(offset);
      for (const offset of reachable) {
        const target = offset + view.getUint16(offset + 2, true);
        assert.ok(target > code.length - 1 ? target <= code.length + 4 : reachable.has(target));
      }
    }),
  );
});

test("portRanges() covers the same ports with the fewest ranges", () => {
  assert.deepEqual(portRanges([5061, 5060, 5060, 8080]), [
    { first: 5060, last: 5061 },
    { first: 8080, last: 8080 },
  ]);
});

test("a request asks for states, family and tcp_info at their places in struct inet_diag_req_v2", () => {
  const request = encodeDumpRequest({
    family: AF_INET,
    states: [TcpState.ESTABLISHED, TcpState.SYN_RECV],
    ports: null,
    info: true,
    sequence: 0x01020304,
  });
  // nlmsghdr: 72 bytes, SOCK_DIAG_BY_FAMILY, REQUEST | DUMP, sequence, port 0; then family, TCP, ext INFO, states.
  const head = [72, 0, 0, 0, 20, 0, 0x01, 0x03, 4, 3, 2, 1, 0, 0, 0, 0, 2, 6, 2, 0, 0b1010, 0, 0, 0];
  assert.deepEqual([...request.subarray(0, head.length)], head);
  assert.equal(request.length, 72);
  assert.equal(stateMask([]), 0);
});

test("more ranges than one attribute can hold are refused, not cut", () => {
  const odd = Array.from({ length: PORT_RANGES_MAX + 1 }, (_, i) => 1 + 2 * i);
  const request = { family: AF_INET, states: [TcpState.LISTEN], info: false, sequence: 1 };
  assert.throws(() => encodeDumpRequest({ ...request, ports: odd }), RangeError);
  assert.throws(() => encodeDumpRequest({ ...request, ports: [] }), RangeError);
});
