import assert from "node:assert/strict";
import { test } from "node:test";
import { parseSysctlLines } from "../settings/sysctl-lines.ts";
import { lineAfterOurs } from "./own-file.ts";

const lines = (...files: readonly (readonly [file: string, text: string])[]) =>
  files.flatMap(([file, text]) => parseSysctlLines(text, file));

test("a line takes back what our file sets where its file sorts behind ours, or is /etc/sysctl.conf", () => {
  const before = ["/usr/lib/sysctl.d/50-vendor.conf", "a.b = 1"] as const;
  const behind = ["/run/sysctl.d/99-last.conf", "a.b = 2"] as const;
  assert.equal(lineAfterOurs(lines(before), "a.b"), undefined);
  assert.equal(lineAfterOurs(lines(before, behind), "a.b")?.value, "2");
  assert.equal(lineAfterOurs(lines(before, behind, ["/etc/sysctl.conf", "a.b = 3"]), "a.b")?.value, "3");
});

test("a pattern behind our file takes nothing back: a name beats a pattern", () => {
  const pattern = ["/etc/sysctl.d/99-all.conf", "net.ipv4.tcp_* = 0"] as const;
  assert.equal(lineAfterOurs(lines(pattern), "net.ipv4.tcp_retries2"), undefined);
});
