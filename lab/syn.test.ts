import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeSyn } from "./syn.ts";

// The expected bytes, checksum included, were computed by an independent program.
test("encodeSyn() writes the bytes of a SYN with a valid checksum", () => {
  const packet = encodeSyn({
    source: "10.128.0.1",
    sourcePort: 1024,
    target: "198.18.0.2",
    targetPort: 5060,
    sequence: 0x01020304,
  });
  assert.equal(
    Buffer.from(packet).toString("hex"),
    "4500002c00000000400600000a800001c6120002" + "040013c401020304000000006002ffffabc70000020405b4",
  );
});

test("encodeSyn() refuses anything else than an IPv4 address", () => {
  const syn = { source: "2001:db8::1", sourcePort: 1, target: "198.18.0.2", targetPort: 1, sequence: 0 };
  assert.throws(() => encodeSyn(syn), /2001:db8::1 is no IPv4 address/);
});
