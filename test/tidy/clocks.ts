// The readers of the clock, file by file, and why each is an edge. All other code gets the time as an argument, so that
// a test, a replay and the program itself run the same code.

import type { Reserved } from "./effects.ts";

const SCAN_COST = "tells what its own scan took";
const OWNERS = "hands its clock to what remembers owners of sockets, or their descriptors";
const EXPIRY = "knows when the kernel's own timers end";
const ENTRY = "a verb's edge, where its run begins";

/** A folder, with a slash at its end, stands for all its files. */
export const CLOCK_READERS: Readonly<Record<string, string>> = {
  "src/census/census-taker.ts": SCAN_COST,
  "src/census/holders.ts": OWNERS,
  "src/census/listeners.ts": OWNERS,
  "src/census/scanner.ts": OWNERS,
  "src/track/tracker.ts": SCAN_COST,
  "src/track/census-tracker.ts": "the default of the clock that it is given",
  "src/enforce/ipset.ts": EXPIRY,
  "src/enforce/iptables.ts": "asks for the machine's rules now and then only",
  "src/enforce/observe.ts": EXPIRY,
  "src/record/ledger.ts": "the default of the clock that it is given",
  "src/diagnose/gather.ts": "waits between two scans, and tells how long it was",
  "src/sip/system.ts": "the clock that the probe's parts are handed",
  "src/daemon/clock.ts": "the daemon's clock",
  "src/daemon/log.ts": "a line of the log has its time",
  "src/daemon/monitors/monitors.ts": "starts probes when they are due",
  "src/cli/diagnose/run.ts": ENTRY,
  "src/cli/explain/run.ts": ENTRY,
  "src/cli/doctor/run.ts": ENTRY,
  "src/cli/ban/run.ts": "tells of its progress now and then only",
  "src/cli/bans/run.ts": ENTRY,
  "src/cli/status/run.ts": ENTRY,
  "src/cli/ping/plan.ts": ENTRY,
  "src/cli/ping/loop.ts": "sends a probe every so often",
  "src/cli/terminal/restorer-process.ts": "waits for a terminal no longer than it must",
  "src/cli/top/live.ts": ENTRY,
  "src/cli/top/stream.ts": ENTRY,
  "src/cli/tune/run.ts": ENTRY,
  "src/cli/who/run.ts": ENTRY,
  "lab/held-client.ts": "a client that gives up on an answer",
  "lab/hold-worker.ts": "a client that gives up on a handshake",
  "lab/honest-call.ts": "a client that measures how long it waited",
  "lab/honest-worker.ts": "a client that speaks when it is time",
  "lab/pace.ts": "opens so many connections a second",
  "lab/play.ts": "the scenario's clock, the same in all its processes",
  "lab/play-protector-cost.ts": "measures the daemon from outside",
  "lab/talk.ts": "a client that speaks when it is time",
  "lab/wait.ts": "every wait has an end",
  "lab/watch-worker.ts": "a sample has its time",
  "bench/": "measures",
};

export const CLOCK: Reserved = {
  what: "the clock",
  call: /\bDate\.now\b|\bnew Date\(\)|\bperformance\.(now|timeOrigin)\b|\bprocess\.hrtime\b/,
  why: "time is an argument",
  only: Object.keys(CLOCK_READERS),
};
