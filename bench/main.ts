// npm run bench [NAME ...]: measures the named benches, or all, and writes bench/RESULTS.md. It needs root or user
// namespaces, gcc and net-tools for `scan`, Kamailio and mosquitto for `diagnose`, and a machine that does nothing
// else.

import { labUnavailable } from "../lab/index.ts";
import { benchDiagnose } from "./diagnose.ts";
import { benchGuard } from "./guard.ts";
import { describeMachine } from "./machine.ts";
import { keepResult } from "./results.ts";
import { benchScan } from "./scan.ts";
import { benchSip } from "./sip.ts";
import { benchTrack } from "./track.ts";

type Bench = (say: (text: string) => void) => Promise<string>;

/** Two intervals of the monitors, so that each is probed twice. */
const SIP_SECONDS = 20;

const BENCHES: Readonly<Record<string, Bench>> = {
  scan: benchScan,
  track: benchTrack,
  diagnose: benchDiagnose,
  guard: benchGuard,
  sip: async (say) => {
    say("sip: probes and monitors");
    const lines = await benchSip(SIP_SECONDS);
    const goal =
      "To reach: 1 000 monitors at 10 s under 10 % of a core; a probe under 1 ms more than the bare exchange.";
    return [
      "## SIP: what a probe and a thousand monitors cost",
      goal,
      lines.map((line) => `- ${line}`).join("\n"),
    ].join("\n\n");
  },
};

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
