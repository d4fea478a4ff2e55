// The output of `check`, and of every other verb that loads the configuration.

import { test } from "node:test";
import { type Config, type ConfigProblem, configPlaces, readConfigText } from "../../config/index.ts";
import { assertGolden } from "../testing/golden.ts";
import { configText, problemsText } from "./text.ts";

const fixture = (name: string): URL => new URL(`./fixtures/${name}`, import.meta.url);

function read(text: string): { config: Config | null; problems: readonly ConfigProblem[] } {
  const loaded = readConfigText(text, "sockwarden.yaml", configPlaces(0, {}));
  return loaded.ok ? { config: loaded.config, problems: [] } : { config: null, problems: loaded.errors };
}

const BROKEN = `mode: enforcing
listeners:
  - name: sip
    ports: [5060, 99999]
    limits: { silent_for: 30s, holdFor: 180 }
  - name: sip
    ports: [5060]
    \u001b[31m: 1
ban: { first: 2d }
`;

test("check shows every mistake on a line of its own, and no command for the terminal", () => {
  assertGolden(problemsText(read(BROKEN).problems), fixture("check-mistakes.txt"));
});

const CONFIGURED = `mode: enforce
http: { listen: "[::1]:9475" }
listeners:
  - name: sip
    ports: [5060, 5061]
    slots: 2048
    limits: { connectionsPerSource: 60, newPerSource: 128 per 10m }
  - { name: mqtt, process: mosquitto, address: 192.0.2.0/24, netns: blue }
allow: [{ source: 192.0.2.7 }]
monitors: [{ name: inside, target: "sip:127.0.0.1" }]
`;

test("check sums up what a configuration says", () => {
  const files = ["/etc/sockwarden/sockwarden.yaml", "/etc/sockwarden/conf.d/mqtt.yaml"];
  assertGolden(configText(read(CONFIGURED).config!, files), fixture("check-guarded.txt"));
});

test("check sums up defaults alone", () => {
  assertGolden(configText(read("").config!, []), fixture("check-defaults.txt"));
});
