// The registry agrees with everything that depends on it: the names in model, the schema's words, and the conformance
// suite.

import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { BACKEND_CHOICES, BACKENDS, type BackendName } from "../model/index.ts";
import { BACKEND_ENTRIES, openBackend } from "./backends.ts";

const names = Object.keys(BACKEND_ENTRIES) as BackendName[];

test("the registered backends are those that can be chosen, and observe", () => {
  assert.deepEqual([...names].sort(), [...BACKEND_CHOICES, "observe"].sort());
});

test("each choice says in a few words what it is", () => {
  for (const about of Object.values(BACKENDS)) assert.match(about, /^[a-z][^.;]{10,80}$/);
});

test("each backend runs the conformance suite", () => {
  const folder = fileURLToPath(new URL("../../test/integration", import.meta.url));
  const files = globSync("enforce-*.test.ts", { cwd: folder });
  const text = files.map((file) => readFileSync(`${folder}/${file}`, "utf8")).join("\n");
  for (const name of names) assert.ok(text.includes(`describeBackend(traitOf("${name}"))`), name);
});

test("observe alone takes no right, and opens without root", () => {
  assert.deepEqual(
    names.filter((name) => BACKEND_ENTRIES[name].takes === null),
    ["observe"],
  );
  using backend = openBackend("observe");
  assert.equal(backend.name, "observe");
});

test("a self-test bans both families, lifts each ban, and runs nothing but the programs that it names", () => {
  for (const [name, { selfTest, takes }] of Object.entries(BACKEND_ENTRIES)) {
    if (selfTest === null) continue;
    assert.equal(takes, "CAP_NET_ADMIN");
    const ban = selfTest.ban({ ipv4: "192.0.2.1", ipv6: "2001:db8::1" });
    const text = ban.flat().join(" ");
    assert.ok(text.includes("192.0.2.1") && text.includes("2001:db8::1"), name);
    const programs = new Set([...ban, ...selfTest.lift].map(([program]) => program!.replace("ip6", "ip")));
    assert.deepEqual([...programs].sort(), selfTest.needs.map(({ program }) => program).sort());
  }
});
