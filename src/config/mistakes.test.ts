// Every kind of mistake, each with the exact place, key and words that people get.

import assert from "node:assert/strict";
import { test } from "node:test";
import { readConfigText } from "./load.ts";
import { configPlaces } from "./places.ts";
import type { ConfigProblem } from "./problem.ts";

const places = configPlaces(0, {});

function problemsOf(text: string): readonly ConfigProblem[] {
  const loaded = readConfigText(text, "a.yaml", places);
  return loaded.ok ? [] : loaded.errors;
}

/** LINE:COLUMN and KEY, a part of the message, a part of what is accepted. */
type Expected = readonly [place: string, key: string, message: RegExp, accepted: RegExp];

const listener = (text: string): string => `listeners:\n  - name: sip\n    ports: [5060, 5061]\n${text}`;

const CASES: readonly (readonly [name: string, text: string, ...Expected[]])[] = [
  ["a syntax error", "mode: observe\nban: [1\nscan: 2\n", ["3:1", "", /not valid YAML: .*\]/, /YAML/]],
  ["a tab as indent", "ban:\n\tfirst: 5m\n", ["2:1", "", /tab/i, /YAML/]],
  ["an unclosed quote", 'mode: "observe\n', ["2:1", "", /missing closing "quote/i, /YAML/]],
  [
    "two documents",
    "mode: observe\n---\nmode: observe\n",
    ["2:1", "", /second document begins/, /one document/],
  ],
  ["an unknown tag", "mode: !secret observe\n", ["1:7", "", /unresolved tag/, /YAML/]],
  ["a list as file", "- mode\n", ["1:1", "", /no mapping/, /key: value/]],
  ["a text as file", "observe\n", ["1:1", "", /no mapping/, /key: value/]],
  ["a number as key", "5060: sip\n", ["1:1", "", /"5060" is no key/, /letters/]],
  ["a mapping as key", "{ a: b }: sip\n", ["1:1", "", /this is no key/, /letters/]],
  ["a key twice", "mode: observe\nmode: enforce\n", ["2:1", "mode", /twice; first in line 1/, /once/]],
  ["an alias of nothing", "mode: *other\n", ["1:7", "mode", /no anchor &other/, /further up/]],
  ["an alias inside itself", "ban: &b\n  first: *b\n", ["2:10", "ban.first", /inside itself/, /further up/]],
  ["an unknown key", "bann:\n  first: 5m\n", ["1:1", "bann", /unknown key/, /did you mean ban\?.*retention/]],
  [
    "an unknown key deep inside",
    listener("    limits:\n      silent_for: 5s\n"),
    ["5:7", "listeners[0].limits.silent_for", /unknown key/, /did you mean silentFor\?/],
  ],
  ["__proto__ as key", "__proto__: { mode: enforce }\n", ["1:1", "__proto__", /unknown key/, /Keys here/]],
  ["<< as key", "ban: { <<: { first: 5m } }\n", ["1:8", 'ban."<<"', /unknown key/, /Keys here/]],
  [
    "a wrong word",
    "mode: enforcing\n",
    ["1:7", "mode", /"enforcing" is not/, /observe, enforce.*mean enforce\?/],
  ],
  ["no value", "mode:\n", ["1:6", "mode", /no value/, /observe/]],
  ["a key without anything", "{ mode }\n", ["1:3", "mode", /no value/, /observe/]],
  ["a mapping for a word", "mode: { a: 1 }\n", ["1:7", "mode", /a mapping is not/, /observe/]],
  [
    "a word for a mapping",
    "ban: 5m\n",
    ["1:6", "ban", /"5m" is not/, /a mapping with the keys first, factor/],
  ],
  ["a mapping for a list", "listeners: { name: a }\n", ["1:12", "listeners", /a mapping is not/, /a list/]],
  [
    "a duration without unit",
    "ban: { first: 600 }\n",
    ["1:15", "ban.first", /600 is not/, /did you mean 600s\?/],
  ],
  [
    "a duration with a wrong unit",
    "ban: { first: 5min }\n",
    ["1:15", "ban.first", /"5min" is not/, /500ms, 5s/],
  ],
  ["a duration too long", "ban: { max: 30d }\n", ["1:13", "ban.max", /"30d" is too long/, /to 24d/]],
  ["a duration too short", "ban: { first: 5ms }\n", ["1:15", "ban.first", /"5ms" is too short/, /from 1s/]],
  ["off where nothing is off", "ban: { first: off }\n", ["1:15", "ban.first", /"off" is not/, /a duration/]],
  ["yes for true", "enforce: { fence: yes }\n", ["1:19", "enforce.fence", /"yes" is not/, /mean true\?/]],
  ["a number as text", 'ban: { factor: "2" }\n', ["1:16", "ban.factor", /"2" is not/, /a number from 1/]],
  ["not a number", "ban: { factor: .nan }\n", ["1:16", "ban.factor", /NaN is not/, /a number from 1/]],
  ["a percentage without sign", "scan: { cpuBudget: 5 }\n", ["1:20", "scan.cpuBudget", /5 is not/, /5%/]],
  [
    "a percentage of nothing",
    "scan: { cpuBudget: 0% }\n",
    ["1:20", "scan.cpuBudget", /"0%" is out of/, /0%/],
  ],
  ["more than all", "scan: { cpuBudget: 101% }\n", ["1:20", "scan.cpuBudget", /out of range/, /100%/]],
  [
    "an IPv4 prefix too short",
    "sources: { ipv4Prefix: 7 }\n",
    ["1:24", "sources.ipv4Prefix", /7 is too low/, /8 to 32/],
  ],
  [
    "an IPv4 prefix too long",
    "sources: { ipv4Prefix: 33 }\n",
    ["1:24", "sources.ipv4Prefix", /33 is too high/, /8 to 32/],
  ],
  [
    "an IPv6 prefix too short",
    "sources: { ipv6Prefix: 15 }\n",
    ["1:24", "sources.ipv6Prefix", /too low/, /16 to 128/],
  ],
  [
    "an IPv6 prefix too long",
    "sources: { ipv6Prefix: 129 }\n",
    ["1:24", "sources.ipv6Prefix", /too high/, /16 to 128/],
  ],
  [
    "half a bit",
    "sources: { ipv4Prefix: 24.5 }\n",
    ["1:24", "sources.ipv4Prefix", /24.5 is not/, /whole number/],
  ],
  [
    "a path that is not absolute",
    "stateDir: state\n",
    ["1:11", "stateDir", /"state" is not/, /begins with \//],
  ],
  [
    "a socket's path too long",
    `socket: /${"x".repeat(107)}\n`,
    ["1:9", "socket", /is too long/, /107 bytes/],
  ],
  ["http without listen", "http: { tokenFile: /a }\n", ["1:7", "http.listen", /is missing/, /HOST:PORT/]],
  [
    "a listen without port",
    "http: { listen: localhost }\n",
    ["1:17", "http.listen", /"localhost" is not/, /HOST:PORT/],
  ],
  ["a listen with port 0", 'http: { listen: "[::1]:0" }\n', ["1:17", "http.listen", /is not/, /1 to 65535/]],
  [
    "a listen with bare IPv6",
    'http: { listen: "::1:9475" }\n',
    ["1:17", "http.listen", /is not/, /\[::1\]:9475/],
  ],
  ["an empty list of listeners", "listeners: []\n", ["1:12", "listeners", /an empty list/, /a list/]],
  [
    "a listener without name",
    "listeners:\n  - ports: [1]\n",
    ["2:5", "listeners[0].name", /is missing/, /a name of/],
  ],
  [
    "a listener that matches all",
    "listeners:\n  - name: a\n",
    ["2:5", "listeners[0]", /neither ports nor/, /both/],
  ],
  [
    "a name with blanks",
    "listeners:\n  - { name: a b, ports: [1] }\n",
    ["2:13", "listeners[0].name", /"a b"/, /letters/],
  ],
  [
    "a port out of range",
    "listeners:\n  - { name: a, ports: [0, 70000] }\n",
    ["2:24", "listeners[0].ports[0]", /0 is too low/, /1 to 65535/],
    ["2:27", "listeners[0].ports[1]", /70000 is too high/, /1 to 65535/],
  ],
  [
    "a single port",
    "listeners:\n  - { name: a, ports: 5060 }\n",
    ["2:23", "listeners[0].ports", /5060 is not/, /\[5060, 5061\]/],
  ],
  [
    "no ports",
    "listeners:\n  - { name: a, ports: [] }\n",
    ["2:23", "listeners[0].ports", /empty list/, /a list of ports/],
  ],
  [
    "a port twice",
    "listeners:\n  - { name: a, ports: [1, 1] }\n",
    ["2:27", "listeners[0].ports[1]", /twice/, /whole number/],
  ],
  [
    "a process name too long",
    "listeners:\n  - { name: a, process: kamailio-dispatch }\n",
    ["2:25", "listeners[0].process", /is not/, /15 characters/],
  ],
  [
    "a wrong address",
    listener("    address: 1.2.3\n"),
    ["4:14", "listeners[0].address", /no address/, /192\.0\.2\.0\/24/],
  ],
  [
    "a namespace with a slash",
    listener("    netns: ../x\n"),
    ["4:12", "listeners[0].netns", /is not/, /name of a network/],
  ],
  [
    "an unknown profile",
    listener("    profile: spi\n"),
    ["4:14", "listeners[0].profile", /"spi"/, /mean sip\?/],
  ],
  [
    "tlsPorts beside the ports",
    listener("    tlsPorts: [5061, 443]\n"),
    ["4:22", "listeners[0].tlsPorts[1]", /443 is none of the ports/, /5060, 5061/],
  ],
  [
    "no slots",
    listener("    slots: 0\n"),
    ["4:12", "listeners[0].slots", /0 is too low/, /whole number from 1/],
  ],
  [
    "tight above critical",
    listener("    pressure: { tight: 0.9, critical: 0.8 }\n"),
    ["4:15", "listeners[0].pressure", /0.9\) is not below critical \(0.8/, /below/],
  ],
  [
    "critical below the default of tight",
    listener("    pressure: { critical: 0.5 }\n"),
    ["4:15", "listeners[0].pressure", /tight \(0.7\) is not below critical \(0.5/, /below/],
  ],
  [
    "critical above 1",
    listener("    pressure: { critical: 90 }\n"),
    ["4:27", "listeners[0].pressure.critical", /90 is too high/, /at most 1/],
  ],
  [
    "tight of 0",
    listener("    pressure: { tight: 0 }\n"),
    ["4:24", "listeners[0].pressure.tight", /too low/, /above 0/],
  ],
  [
    "speakWithin longer than silentFor",
    listener("    limits: { speakWithin: 1m }\n"),
    [
      "4:28",
      "listeners[0].limits.speakWithin",
      /speakWithin \(1m\) is longer than silentFor \(30s, by the profile sip/,
      /set both/,
    ],
  ],
  [
    "silentFor longer than holdFor",
    listener("    limits: { holdFor: 10s }\n"),
    [
      "4:24",
      "listeners[0].limits.holdFor",
      /silentFor \(30s, by the profile sip\) is longer than holdFor \(10s\)/,
      /set both/,
    ],
  ],
  [
    "a network below its source",
    listener("    limits: { unprovenPerNetwork: 5 }\n"),
    ["4:35", "listeners[0].limits.unprovenPerNetwork", /5 is less than unprovenPerSource \(20\)/, /from 20/],
  ],
  [
    "a rate of another form",
    listener("    limits: { newPerSource: 128/10m }\n"),
    ["4:29", "listeners[0].limits.newPerSource", /is not/, /128 per 10m/],
  ],
  [
    "a rate with half its mapping",
    listener("    limits: { newPerSource: { count: 128 } }\n"),
    ["4:29", "listeners[0].limits.newPerSource.per", /is missing/, /a duration/],
  ],
  [
    "a rate of none",
    listener("    limits: { newPerSource: 0 per 10m }\n"),
    ["4:29", "listeners[0].limits.newPerSource", /out of range/, /128 per 10m/],
  ],
  [
    "a rate with a wrong time",
    listener("    limits: { newPerSource: { count: 1, per: 10 } }\n"),
    ["4:46", "listeners[0].limits.newPerSource.per", /10 is not/, /did you mean 10s/],
  ],
  [
    "two listeners of one name",
    "listeners:\n  - { name: a, ports: [1] }\n  - { name: a, ports: [2] }\n",
    ["3:13", "listeners[1].name", /a is there twice; first in a\.yaml:2:13/, /another name/],
  ],
  [
    "two listeners of one port",
    "listeners:\n  - { name: a, ports: [1, 2] }\n  - { name: b, ports: [2, 3] }\n",
    ["3:23", "listeners[1]", /same sockets as a \(a\.yaml:2:5\): port 2/, /other ports/],
  ],
  [
    "a process beside a port",
    "listeners:\n  - { name: a, ports: [1] }\n  - { name: b, process: x }\n",
    ["3:5", "listeners[1]", /same sockets as a/, /other ports/],
  ],
  [
    "a network around an address",
    "listeners:\n  - { name: a, ports: [1], address: 10.0.0.0/8 }\n  - { name: b, ports: [1], address: 10.1.1.1 }\n",
    ["3:23", "listeners[1]", /same sockets as a/, /address/],
  ],
  [
    "an allowed source that is none",
    "allow:\n  - { source: carrier }\n",
    ["2:15", "allow[0].source", /"carrier" is no address/, /2001:db8/],
  ],
  [
    "an allowed network without bits",
    "allow:\n  - { source: 10.0.0.0/33 }\n",
    ["2:15", "allow[0].source", /no address/, /192/],
  ],
  [
    "an allowed source twice",
    "allow:\n  - { source: 10.0.0.1 }\n  - { source: 10.0.0.1/32 }\n",
    ["3:15", "allow[1].source", /10\.0\.0\.1 is there twice/, /another source/],
  ],
  [
    "a first ban longer than the longest",
    "ban:\n  first: 2d\n",
    ["2:10", "ban.first", /2d\) is longer than max \(1d/, /at most/],
  ],
  [
    "a longest ban shorter than the first",
    "ban:\n  max: 5m\n",
    ["2:8", "ban.max", /first \(10m\) is longer than max \(5m/, /at most/],
  ],
  ["a factor that shrinks", "ban: { factor: 0.5 }\n", ["1:16", "ban.factor", /0.5 is too low/, /from 1/]],
  [
    "an unknown backend",
    "enforce: { backend: iptables }\n",
    ["1:21", "enforce.backend", /"iptables"/, /nftables, ipset, set-only/],
  ],
  [
    "a monitor of nothing",
    "monitors:\n  - { name: a, target: http://x }\n",
    ["2:24", "monitors[0].target", /is not/, /sip:HOST/],
  ],
  [
    "a monitor of no listener",
    "monitors:\n  - { name: a, target: 'sip:x', listener: sip }\n",
    ["2:43", "monitors[0].listener", /name of no listener/, /there are none/],
  ],
  [
    "a monitor that overlaps itself",
    "monitors:\n  - { name: a, target: 'sip:x', every: 1s }\n",
    ["2:5", "monitors[0].timeout", /timeout \(5s\) is longer than every \(1s/, /at most/],
  ],
  [
    "two monitors of one name",
    "monitors:\n  - { name: a, target: 'sip:x' }\n  - { name: a, target: 'sip:y' }\n",
    ["3:13", "monitors[1].name", /twice/, /another name/],
  ],
];

for (const [name, text, ...expected] of CASES) {
  test(`${name} is shown at ${expected.map(([place]) => place).join(" and ")}`, () => {
    const problems = problemsOf(text);
    const shown = JSON.stringify(problems, null, 1);
    assert.deepEqual(
      problems.map(({ line, column, key }) => [`${line}:${column}`, key]),
      expected.map(([place, key]) => [place, key]),
      shown,
    );
    for (const [i, [, , message, accepted]] of expected.entries()) {
      assert.equal(problems[i]!.file, "a.yaml");
      assert.match(problems[i]!.message, message);
      assert.match(problems[i]!.accepted, accepted);
    }
  });
}

test("all mistakes are shown at once, in the order of their lines, of form and of meaning", () => {
  const text = listener(
    "    tlsPorts: [7]\n    colour: red\n  - name: sip\n    ports: [80]\nban: { first: 3d }\nmode: of\n",
  );
  assert.deepEqual(
    problemsOf(text).map(({ line, key }) => `${line} ${key}`),
    ["5 listeners[0].colour", "6 listeners[1].name", "8 ban.first", "9 mode"],
  );
});

test("more than a hundred mistakes are counted, not listed", () => {
  const problems = problemsOf(Array.from({ length: 2500 }, (_, i) => `key${i}: 1\n`).join(""));
  assert.equal(problems.length, 100);
  assert.deepEqual(
    problems.slice(0, 99).map(({ line }) => line),
    Array.from({ length: 99 }, (_, i) => i + 1),
  );
  assert.equal(problems[99]!.message, "and 2401 more");
});

test("aliases that multiply are refused before they fill the memory", () => {
  const levels = Array.from(
    { length: 12 },
    (_, i) => `k${i + 1}: &a${i + 1} [${`*a${i}, `.repeat(9)}*a${i}]\n`,
  );
  const problems = problemsOf(`k0: &a0 x\n${levels.join("")}`);
  assert.ok(problems.some(({ message }) => /too many values/.test(message)));
});

test("values nested a hundred thousand deep are refused", () => {
  for (const opening of ["[", "{ a: ", "- ", "? "]) {
    const problems = problemsOf(opening.repeat(100_000));
    assert.ok(problems.length > 0 && problems[0]!.line === 1, opening);
  }
});

test("a megabyte of closing brackets is given up early", () => {
  const before = process.cpuUsage();
  assert.equal(problemsOf("]".repeat(2 ** 20)).length, 100);
  assert.ok(process.cpuUsage(before).user < 5_000_000);
});

test("forty thousand keys in one mapping take no quadratic time", () => {
  // CPU time, which other programs do not lengthen as they do the clock's. It takes under a second; comparing each key with
  // each takes many.
  const before = process.cpuUsage();
  problemsOf(Array.from({ length: 40_000 }, (_, i) => `key${i}: 1\n`).join(""));
  assert.ok(process.cpuUsage(before).user < 5_000_000);
});
