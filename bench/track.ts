// Measures a scan that remembers against one that does not, in turn in one process. It also measures the selection for
// four hundred evictions, the first of which sorts the scan's sockets by source, and each cheap trigger.

import { fileURLToPath } from "node:url";
import { type Lab, openLab } from "../lab/index.ts";
import { holdMore } from "./hold-more.ts";
import { figure, markdownTable } from "./statistics.ts";

const SIZES = [1000, 20_000, 100_000];
const ROUNDS = 9;
const SOURCES_PER_SERVER = 300;
const RUN = { timeoutMs: 120_000 };

interface Measured {
  readonly sockets: number;
  readonly rows: number;
  readonly scanMs: number;
  readonly trackedMs: number;
  readonly selectMs: number;
  readonly selected: number;
  readonly rssMiB: number;
  readonly opensUs: number;
  readonly descriptorsUs: number;
  readonly queueUs: number;
}

/** Measures all sizes and returns the section of RESULTS.md. `say` tells how far it is. */
export async function benchTrack(
  say: (text: string) => void,
  sizes: readonly number[] = SIZES,
): Promise<string> {
  await using lab = await openLab();
  const measured: Measured[] = [];
  let held = 0;
  for (const size of sizes) {
    say(`track: holding ${size} connections`);
    await holdMore(lab, { from: held, until: size, sourcesFor: () => SOURCES_PER_SERVER });
    held = size;
    say(`track: measuring at ${size}`);
    measured.push(await measure(lab));
  }
  return resultSection(measured);
}

async function measure(lab: Lab): Promise<Measured> {
  const script = fileURLToPath(new URL("./track-rounds.ts", import.meta.url));
  const { code, stdout, stderr } = await lab.victim.run([process.execPath, script, String(ROUNDS)], RUN);
  if (code !== 0) throw new Error(`track-rounds ended with ${code}: ${stderr}`);
  return JSON.parse(stdout);
}

function resultSection(measured: readonly Measured[]): string {
  const scans = measured.map((m) => [
    String(m.sockets),
    String(m.rows),
    figure(m.scanMs),
    figure(m.trackedMs),
    `${figure(m.trackedMs / m.scanMs)} x`,
    `${figure(m.selectMs)} for ${m.selected}`,
    figure(m.rssMiB),
  ]);
  const { opensUs, descriptorsUs, queueUs } = measured.at(-1)!;
  return [
    "## Track: a scan that remembers",
    "To reach at 100 000 sockets: at most 1.25 x a scan that does not.",
    markdownTable(
      [
        "sockets",
        "rows of (listener, source)",
        "scan, ms",
        "tracked, ms",
        "tracked / scan",
        "selecting for 400 evictions, ms",
        "resident with both, MiB",
      ],
      scans,
    ),
    "The cheap triggers at the largest size, microseconds each: the counter of finished handshakes, a process's descriptors, and the accept queues of all listeners.",
    markdownTable(
      ["PassiveOpens", "descriptors", "accept queues"],
      [[figure(opensUs), figure(descriptorsUs), figure(queueUs)]],
    ),
  ].join("\n\n");
}
