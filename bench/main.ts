// npm run bench [NAME ...]: measures and writes bench/RESULTS.md. Wants root or user namespaces, gcc and net-tools, and a
// machine that does nothing else.

import { writeFileSync } from "node:fs";
import { labUnavailable } from "../lab/index.ts";
import { benchLook } from "./look.ts";
import { describeMachine } from "./machine.ts";

const unavailable = labUnavailable();
if (unavailable !== null) {
  console.error(`bench: ${unavailable}`);
  process.exit(1);
}

const sections = [await benchLook((text) => console.error(`bench: ${text}`))];
const text = [
  "# Results",
  "Written by `npm run bench`. Times differ between machines and minutes; the ratios are taken within one run.",
  `Measured on ${new Date().toISOString().slice(0, 10)}: ${describeMachine()}.`,
  ...sections,
].join("\n\n");
writeFileSync(new URL("./RESULTS.md", import.meta.url), `${text}\n`);
console.log(text);
