// npm run bench [NAME ...]: measures and writes bench/RESULTS.md; without names all. Wants root or user namespaces, gcc
// and net-tools for `look`, Kamailio and mosquitto for `diagnose`, and a machine that does nothing else.

import { labUnavailable } from "../lab/index.ts";
import { benchDiagnose } from "./diagnose.ts";
import { benchLook } from "./look.ts";
import { describeMachine } from "./machine.ts";
import { keepResult } from "./results.ts";

type Bench = (say: (text: string) => void) => Promise<string>;

const BENCHES: Readonly<Record<string, Bench>> = { look: benchLook, diagnose: benchDiagnose };

const unavailable = labUnavailable();
if (unavailable !== null) fail(unavailable);
const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(BENCHES);
for (const name of names) {
  const bench = BENCHES[name] ?? fail(`no bench ${name}; there are ${Object.keys(BENCHES).join(", ")}`);
  const section = await bench((text) => console.error(`bench: ${text}`));
  keepResult(section, `Measured on ${new Date().toISOString().slice(0, 10)}: ${describeMachine()}.`);
  console.log(section);
}

function fail(text: string): never {
  console.error(`bench: ${text}`);
  process.exit(1);
}
