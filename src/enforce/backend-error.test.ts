import assert from "node:assert/strict";
import { test } from "node:test";
import { NetfilterError, NetlinkError } from "../linux/index.ts";
import { BackendError, kernelRefusal, missing, programRefusal } from "./backend-error.ts";

const refusal = (errno: number): unknown => new NetfilterError("ask", { errno, words: null });

const CASES: readonly (readonly [name: string, error: unknown, code: BackendError["code"], text: RegExp])[] =
  [
    ["no rights", kernelRefusal("set up", "nf_tables", refusal(1)), "denied", /CAP_NET_ADMIN: run as root/],
    ["no subsystem", kernelRefusal("set up", "ip_set", refusal(22)), "unavailable", /modprobe ip_set/],
    [
      "another errno",
      kernelRefusal("set up", "nf_tables", refusal(16)),
      "refused",
      /Device or resource busy/,
    ],
    [
      "no netlink",
      kernelRefusal("open", "nf_tables", new NetlinkError("unavailable", "open", "no")),
      "unavailable",
      /no/,
    ],
    [
      "no program",
      missing("set up", "nft", "nftables"),
      "unavailable",
      /there is no nft .* install the package nftables/,
    ],
    ["a program's no", programRefusal("set up", "Error: syntax error"), "refused", /syntax error/],
    [
      "a program without rights",
      programRefusal("set up", "Operation not permitted (you must be root)"),
      "denied",
      /root/,
    ],
    ["a program without words", programRefusal("set up", ""), "refused", /did not say why/],
  ];

for (const [name, error, code, text] of CASES) {
  test(`${name}: what the operation was, and what to do`, () => {
    assert.ok(error instanceof BackendError);
    assert.equal(error.code, code);
    assert.match(error.message, /^(set up|open): /);
    assert.match(error.message, text);
  });
}

test("an error that is no refusal stays as it is", () => {
  const error = new TypeError("a fault of ours");
  assert.equal(kernelRefusal("set up", "nf_tables", error), error);
});
