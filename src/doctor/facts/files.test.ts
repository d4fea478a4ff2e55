// The files of the machine, as their readers take them: precedence, precision, and what is not theirs.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import fc from "fast-check";
import type { MachineRoot } from "../../linux/machine-root.ts";
import { parseLimitsLines } from "../../settings/limits-lines.ts";
import { readSysctlFiles, readSysctls } from "../../settings/sysctl-files.ts";
import { dottedKey, parseSysctlLines, sysctlPath } from "../../settings/sysctl-lines.ts";
import { parseLimitValue, readUnitSettings } from "../../settings/systemd-limits.ts";
import { droppedSets, parseIpsetMembers, parseNftSets, readBanFacts } from "./ban-facts.ts";

let folder = "";
let root: MachineRoot;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "sockwarden-files-"));
  const at = (name: string): string => path.join(folder, name);
  root = { proc: at("proc"), sys: at("sys"), etc: at("etc"), run: at("run"), usr: at("usr") };
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
    readUnitSettings(root, unit).find(({ name }) => name === "LimitNOFILE")?.value;

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

  test("is a number, two, or infinity", () => {
    assert.deepEqual(parseLimitValue("7:9"), { soft: 7, hard: 9 });
    assert.deepEqual(parseLimitValue("infinity"), {
      soft: Number.POSITIVE_INFINITY,
      hard: Number.POSITIVE_INFINITY,
    });
    assert.equal(parseLimitValue("64K"), null);
  });
});

test("limits.conf lines have four words; -1 and unlimited are no limit", () => {
  const text = "# * soft nofile 1\n@voip - nofile -1 # all\nroot hard nproc unlimited\nbroken line\n";
  assert.deepEqual(
    parseLimitsLines(text, "f").map(({ line, domain, item, value }) => [line, domain, item, value]),
    [
      [2, "@voip", "nofile", Number.POSITIVE_INFINITY],
      [3, "root", "nproc", Number.POSITIVE_INFINITY],
    ],
  );
});

test("ban sets are those that a rule drops sources by: of nftables with their timeouts and networks", () => {
  const elem = [
    { elem: { val: "192.0.2.1", timeout: 60 } },
    { prefix: { addr: "2001:db8::", len: 32 } },
    "192.0.2.9",
  ];
  const match = (field: string, set: string): object => ({
    match: { op: "==", left: { payload: { protocol: "ip", field } }, right: `@${set}` },
  });
  const rule = (...expr: readonly object[]): object => ({ rule: { family: "inet", table: "f", expr } });
  const set = (name: string): object => ({ set: { family: "inet", table: "f", name, elem } });
  const json = JSON.stringify({
    nftables: [
      ...["bad", "good", "there"].map(set),
      rule(match("saddr", "bad"), { drop: null }),
      rule(match("saddr", "good"), { accept: null }),
      rule(match("daddr", "there"), { drop: null }),
    ],
  });
  assert.deepEqual(parseNftSets(json), [
    { name: "nftables inet f/bad", members: ["192.0.2.1", "2001:db8::/32", "192.0.2.9"] },
  ]);
  assert.deepEqual(parseNftSets(""), []);
});

test("whoever cannot ask the firewall does not know, and its words are handed on", () => {
  const says = (code: number, stdout: string, stderr: string) => () => ({ code, stdout, stderr });
  assert.equal(readBanFacts(() => null).kind, "unknown");
  assert.deepEqual(readBanFacts(says(1, "", "Operation not permitted\nmore")), {
    kind: "unknown",
    reason: "Operation not permitted",
  });
  const asked: string[] = [];
  const facts = readBanFacts((argv) => {
    asked.push(argv.join(" "));
    if (argv[0] === "nft") return null;
    if (argv[0] === "ipset") return { code: 0, stdout: "add bad 192.0.2.1\n", stderr: "" };
    return { code: 0, stdout: "-A INPUT -m set --match-set bad src -j DROP\n", stderr: "" };
  });
  assert.deepEqual(facts, { kind: "read", sets: [{ name: "ipset bad", members: ["192.0.2.1"] }] });
  assert.deepEqual(asked, ["nft -j list ruleset", "iptables-save", "ip6tables-save", "ipset save bad"]);
});

test("ban sets of iptables are those that a rule drops sources by", () => {
  const saved = `-A INPUT -m set --match-set bad src -j DROP
-A INPUT -p tcp -m set --match-set worse src -j REJECT --reject-with tcp-reset
-A INPUT -m set ! --match-set friends src -j DROP
-A INPUT -m set --match-set good src -j ACCEPT
`;
  assert.deepEqual(droppedSets(saved), ["bad", "worse"]);
  const members =
    'create bad hash:ip family inet\nadd bad 192.0.2.1 timeout 270 comment "x"\nadd bad 198.51.100.0/24\n';
  assert.deepEqual(parseIpsetMembers(members), ["192.0.2.1", "198.51.100.0/24"]);
});
