// How the readers of a machine's files take them: precedence, precision, and lines that are not theirs.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import fc from "fast-check";
import { type MachineRoot, machineBelow } from "../linux/machine-root.ts";
import { descriptorLimitLines, limitLinesAfterOurs, parseDescriptorLimits } from "./descriptor-limits.ts";
import { parseLimitsConf } from "./limits-conf.ts";
import { readSysctls } from "./live-sysctls.ts";
import { bootLines, readSysctlFiles } from "./sysctl-files.ts";
import { dottedKey, keyMatches, sysctlPath } from "./sysctl-keys.ts";
import { parseSysctlLines, winningLine } from "./sysctl-lines.ts";
import { isServiceName, readManagerSettings, readUnitFiles } from "./units.ts";

let folder = "";
let root: MachineRoot;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "sockwarden-files-"));
  root = machineBelow(folder);
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): void {
  mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
  writeFileSync(path.join(folder, name), text);
}

describe("sysctl files", () => {
  const order = (): string[] => readSysctlFiles(root).lines.map(({ file, value }) => `${file} ${value}`);

  test("are applied in the order of their names, whatever folder they lie in", () => {
    write("etc/sysctl.d/50-b.conf", "k=1");
    write("usr/lib/sysctl.d/99-c.conf", "k=2");
    write("run/sysctl.d/10-a.conf", "k=3");
    write("etc/sysctl.d/README", "k=4");
    assert.deepEqual(order(), [
      "/run/sysctl.d/10-a.conf 3",
      "/etc/sysctl.d/50-b.conf 1",
      "/usr/lib/sysctl.d/99-c.conf 2",
    ]);
  });

  test("replace those of the same name in folders of lower rank, and /dev/null silences them", () => {
    write("usr/lib/sysctl.d/50-x.conf", "k=vendor");
    write("run/sysctl.d/50-x.conf", "k=run");
    assert.deepEqual(order(), ["/run/sysctl.d/50-x.conf run"]);
    mkdirSync(path.join(folder, "etc/sysctl.d"), { recursive: true });
    symlinkSync("/dev/null", path.join(folder, "etc/sysctl.d/50-x.conf"));
    assert.deepEqual(order(), []);
  });

  test("include /etc/sysctl.conf only where a link leads to it, as on Debian 12", () => {
    write("etc/sysctl.conf", "k=1");
    assert.deepEqual([order(), readSysctlFiles(root).unread.length], [[], 1]);
    mkdirSync(path.join(folder, "etc/sysctl.d"), { recursive: true });
    symlinkSync("../sysctl.conf", path.join(folder, "etc/sysctl.d/99-sysctl.conf"));
    assert.deepEqual([order(), readSysctlFiles(root).unread.length], [["/etc/sysctl.conf 1"], 0]);
  });

  test("name the file behind a link, which is the one to edit, but follow none out of the machine's folders", () => {
    write("etc/local/mine", "k=1");
    write("elsewhere/theirs", "k=2");
    mkdirSync(path.join(folder, "etc/sysctl.d"), { recursive: true });
    symlinkSync("../local/mine", path.join(folder, "etc/sysctl.d/10-a.conf"));
    symlinkSync("../../elsewhere/theirs", path.join(folder, "etc/sysctl.d/20-b.conf"));
    assert.deepEqual(order(), ["/etc/local/mine 1", "/etc/sysctl.d/20-b.conf 2"]);
  });

  test("include /etc/sysctl.conf once where it is a link itself", () => {
    write("etc/local.conf", "k=1");
    mkdirSync(path.join(folder, "etc/sysctl.d"), { recursive: true });
    symlinkSync("local.conf", path.join(folder, "etc/sysctl.conf"));
    symlinkSync("../sysctl.conf", path.join(folder, "etc/sysctl.d/99-sysctl.conf"));
    assert.deepEqual([order(), readSysctlFiles(root).unread.length], [["/etc/local.conf 1"], 0]);
  });

  test("are read in /lib as well, where that is a folder of its own, last in rank", () => {
    write("lib/sysctl.d/50-x.conf", "k=old");
    write("lib/sysctl.d/60-y.conf", "k=lib");
    write("usr/lib/sysctl.d/50-x.conf", "k=usr");
    assert.deepEqual(order(), ["/usr/lib/sysctl.d/50-x.conf usr", "/lib/sysctl.d/60-y.conf lib"]);
  });

  test("end with /etc/sysctl.conf at a boot whose program reads it without a link", () => {
    write("etc/sysctl.conf", "a.b = conf");
    write("etc/sysctl.d/99-last.conf", "a.b = last");
    const lines = bootLines(readSysctlFiles(root));
    assert.deepEqual(
      lines.map(({ value }) => value),
      ["last", "conf"],
    );
    assert.equal(winningLine(lines, "a.b")?.value, "conf");
  });

  test("set a name by its last line, and by a pattern only where no line has the name", () => {
    const lines = parseSysctlLines("net.a.eth0.x = 1\nnet.a.eth0.x = 2\nnet.a.*.x = 3\n", "f");
    assert.equal(winningLine(lines, "net.a.eth0.x")?.value, "2");
    assert.equal(winningLine(lines, "net.a.eth1.x")?.value, "3");
    assert.equal(winningLine(lines, "net.a.b.eth1.x"), undefined);
    assert.ok(keyMatches("net.a.eth*.x", "net.a.eth1.x") && !keyMatches("net.a.eth*.x", "net.a.lo.x"));
  });

  test("may name settings with slashes, dots within names, and patterns", () => {
    assert.equal(dottedKey("net/ipv4/conf/eth0.5/rp_filter"), "net.ipv4.conf.eth0/5.rp_filter");
    assert.equal(sysctlPath("net.ipv4.conf.eth0/5.rp_filter"), "net/ipv4/conf/eth0.5/rp_filter");
    write("proc/sys/net/ipv4/conf/all/rp_filter", "0\n");
    write("proc/sys/net/ipv4/conf/eth0.5/rp_filter", "1\n");
    const live = readSysctls(root, ["net.ipv4.conf.*.rp_filter"]);
    assert.deepEqual([...live].sort(), [
      ["net.ipv4.conf.all.rp_filter", "0"],
      ["net.ipv4.conf.eth0/5.rp_filter", "1"],
    ]);
  });

  test("have comments, optional lines and blanks of any width", () => {
    const text = "; a = 1\n  -net.ipv4.tcp_mem =  1\t2   3 \n#b=1\nnot a line\nc=";
    const lines = parseSysctlLines(text, "f").map(({ line, key, value, optional }) => [
      line,
      key,
      value,
      optional,
    ]);
    assert.deepEqual(lines, [
      [2, "net.ipv4.tcp_mem", "1 2 3", true],
      [5, "c", "", false],
    ]);
  });

  test("of any content are read without an error, and keys survive the way to a path and back", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (text) => Array.isArray(parseSysctlLines(text, "f"))),
    );
    const key = fc.array(fc.stringMatching(/^[a-z0-9_]+$/), { minLength: 2, maxLength: 5 });
    fc.assert(fc.property(key, (parts) => dottedKey(sysctlPath(parts.join("."))) === parts.join(".")));
  });
});

describe("a unit's limit", () => {
  const limit = (unit: string): string | undefined =>
    readUnitFiles(root, unit).settings.findLast(({ name }) => name === "LimitNOFILE")?.value;

  test("is its file's, a drop-in's before it, and the last drop-in's before that", () => {
    write("usr/lib/systemd/system/a.service", "[Service]\nLimitNOFILE=1\n");
    assert.equal(limit("a.service"), "1");
    write("usr/lib/systemd/system/a.service.d/50.conf", "[Service]\nLimitNOFILE=2\n");
    write("etc/systemd/system/a.service.d/40.conf", "[Service]\nLimitNOFILE=3\n");
    assert.equal(limit("a.service"), "2");
    write("etc/systemd/system/service.d/60.conf", "[Service]\nLimitNOFILE=4\n");
    assert.equal(limit("a.service"), "4");
  });

  test("of an instance is its template's, and an empty value takes it back", () => {
    write("etc/systemd/system/b@.service", "[Service]\nLimitNOFILE=7:9\n");
    assert.equal(limit("b@one.service"), "7:9");
    write("etc/systemd/system/b@.service.d/x.conf", "[Service]\nLimitNOFILE=\n");
    assert.equal(limit("b@one.service"), undefined);
  });

  test("of an instance whose name has dots is its template's as well", () => {
    write("etc/systemd/system/b@.service", "[Service]\nLimitNOFILE=7\n");
    assert.equal(limit("b@sip.example.org.service"), "7");
  });

  test("counts in its section only", () => {
    write(
      "usr/lib/systemd/system/a.service",
      "LimitNOFILE=1\n[Unit]\nLimitNOFILE=2\n[Service]\nLimitNOFILE=3\n",
    );
    write("etc/systemd/system/a.service.d/x.conf", "[Install]\nLimitNOFILE=4\n");
    assert.equal(limit("a.service"), "3");
  });

  test("is taken back by an empty value, whatever came before it", () => {
    write("usr/lib/systemd/system/a.service", "[Service]\nLimitNOFILE=1\n");
    write("etc/systemd/system/a.service.d/10.conf", "[Service]\nLimitNOFILE=2\nLimitNOFILE=\n");
    assert.deepEqual(descriptorLimitLines(readUnitFiles(root, "a.service").settings), []);
    write("etc/systemd/system/a.service.d/20.conf", "[Service]\nLimitNOFILE=3:4\n");
    assert.deepEqual(descriptorLimitLines(readUnitFiles(root, "a.service").settings), [
      { file: "/etc/systemd/system/a.service.d/20.conf", line: 2, soft: 3, hard: 4 },
    ]);
  });

  test("is the unit's own drop-in's before one of the same name for all services", () => {
    write("etc/systemd/system/service.d/50.conf", "[Service]\nLimitNOFILE=1\n");
    write("usr/lib/systemd/system/a.service.d/50.conf", "[Service]\nLimitNOFILE=2\n");
    assert.equal(limit("a.service"), "2");
  });

  test("is read in /lib as well, where that is a folder of its own", () => {
    write("lib/systemd/system/a.service", "[Service]\nLimitNOFILE=5\n");
    assert.equal(limit("a.service"), "5");
    assert.equal(readUnitFiles(root, "a.service").file, "/lib/systemd/system/a.service");
  });

  test("is none where the name leads out of the folder of units", () => {
    write("etc/systemd/x.service", "[Service]\nLimitNOFILE=5\n");
    for (const name of ["../x.service", ".x.service", "x", ""]) {
      assert.deepEqual(readUnitFiles(root, name), { file: null, settings: [] }, name);
    }
    assert.ok(isServiceName("kamailio@a.service") && !isServiceName("../x.service"));
  });

  test("has the last word in lines of drop-ins that sort behind ours", () => {
    const lines = ["a.service", "a.service.d/10.conf", "a.service.d/override.conf"].map((name) => ({
      file: `/etc/systemd/system/${name}`,
      line: 1,
      soft: 1,
      hard: 1,
    }));
    assert.deepEqual(limitLinesAfterOurs(lines), [lines[2]]);
  });

  test("of all services is the manager's, in its section", () => {
    write("etc/systemd/system.conf", "[Manager]\nDefaultLimitNOFILE=1\n");
    write(
      "usr/lib/systemd/system.conf.d/x.conf",
      "[Manager]\nDefaultLimitNOFILE=2\n[Other]\nDefaultLimitNOFILE=3\n",
    );
    assert.deepEqual(
      readManagerSettings(root).map(({ name, value }) => [name, value]),
      [["DefaultLimitNOFILE", "2"]],
    );
  });

  test("is a number, two, or infinity", () => {
    assert.deepEqual(parseDescriptorLimits("7:9"), { soft: 7, hard: 9 });
    assert.deepEqual(parseDescriptorLimits("infinity"), {
      soft: Number.POSITIVE_INFINITY,
      hard: Number.POSITIVE_INFINITY,
    });
    for (const text of ["64K", "1:2:3", "", ":5", "unlimited"])
      assert.equal(parseDescriptorLimits(text), null, text);
  });
});

test("limits.conf lines have four words; -1 and unlimited are no limit", () => {
  const text = "# * soft nofile 1\n@voip - nofile -1 # all\nroot hard nproc unlimited\nbroken line\n";
  assert.deepEqual(
    parseLimitsConf(text, "f").map(({ line, domain, item, value }) => [line, domain, item, value]),
    [
      [2, "@voip", "nofile", Number.POSITIVE_INFINITY],
      [3, "root", "nproc", Number.POSITIVE_INFINITY],
    ],
  );
});
