// The package as users get it: packed, installed in an empty folder, and run from there without this checkout's tools.

import assert from "node:assert/strict";
import { globSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { type Ran, run } from "./sockwarden.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), "sockwarden-package-"));
const bin = path.join(folder, "node_modules/.bin/sockwarden");
const INSTALLED_BYTES_MAX = 50 * 2 ** 20;

/** npm as it runs these tests, or the one in PATH, without an outer npm's variables about this checkout. */
function npm(...args: readonly string[]): Promise<Ran> {
  const own = process.env["npm_execpath"];
  const command = own === undefined ? ["npm"] : [process.execPath, own];
  const kept = Object.entries(process.env).filter(([name]) => !/^npm_(package|lifecycle|command)/.test(name));
  return run([...command, ...args], Object.fromEntries(kept));
}

/** Without a registry the package cannot be installed; the machine is to blame, not the package. */
const UNREACHABLE = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ENETUNREACH|ETIMEDOUT|CERT/;
const IMPATIENT = ["--prefer-offline", "--fetch-retries=0", "--fetch-timeout=15000"];

describe("the installed package", () => {
  let offline = false;

  before(async () => {
    const packed = await npm("pack", root, "--ignore-scripts", "--pack-destination", folder);
    assert.equal(packed.code, 0, packed.stderr);
    writeFileSync(path.join(folder, "package.json"), "{}");
    const tarball = globSync("*.tgz", { cwd: folder })[0]!;
    const installed = await npm(
      "install",
      "--prefix",
      folder,
      ...IMPATIENT,
      "--ignore-scripts",
      `${folder}/${tarball}`,
    );
    offline = installed.code !== 0 && UNREACHABLE.test(installed.stderr);
    assert.ok(offline || installed.code === 0, installed.stderr);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  test("runs compiled, in this namespace and, with a scanning thread, in another", async (t) => {
    if (offline) return t.skip("no package registry to install from");
    const version = await run([process.execPath, bin, "--version"]);
    assert.match(version.stdout, /^\d+\.\d+\.\d+\n$/);
    const who = await run([process.execPath, bin, "who", "--json"]);
    assert.equal(JSON.parse(who.stdout).schema, 1, who.stderr);
    if (process.getuid?.() !== 0) return;
    const threaded = await run([process.execPath, bin, "who", "--json", "--netns", String(process.pid)]);
    assert.equal(threaded.code, 0, threaded.stderr);
    const doctor = await run([
      ...[process.execPath, bin, "doctor", "--json"],
      "--netns",
      String(process.pid),
    ]);
    assert.equal(JSON.parse(doctor.stdout).schema, 1, doctor.stderr);
  });

  test("is under 50 MB, brings no Node and no tests", (t) => {
    if (offline) return t.skip("no package registry to install from");
    const files = globSync("node_modules/**/*", { cwd: folder });
    const bytes = files
      .map((file) => statSync(path.join(folder, file)))
      .reduce((sum, stat) => sum + (stat.isFile() ? stat.size : 0), 0);
    t.diagnostic(`${(bytes / 2 ** 20).toFixed(1)} MiB in ${files.length} files`);
    assert.ok(bytes > 0 && bytes < INSTALLED_BYTES_MAX);
    assert.deepEqual(
      files.filter((file) => /node-linux|sockwarden\/.*\.test\./.test(file)),
      [],
    );
    assert.ok(files.includes("node_modules/sockwarden/LICENSE"));
  });
});
