// The daemon: wires census, judge, enforcement, record and API together, and nothing else. In: a Config. Out: a running
// guard until it is told to stop. Promises: the main loop never waits for the kernel; whatever fails becomes a health item
// and never stops its neighbours; SIGTERM leaves the kernel as configured, in under a second.

export type { Core } from "./core.ts";
export { type DaemonOptions, runDaemon } from "./daemon.ts";
export { type Log, type LogFormat, type LogTarget, openLog } from "./log.ts";
