// Whether this machine is set up to hold its connections.
//
// In:  one reading of the machine: live settings, files, sockets, counters, the servers that listen; or the text of one
//      file.
// Out: for each check a verdict, with what was read, advice, and the lines that mend it; for a file, a verdict a line.
// Promises: a check is data and pure. Reading changes nothing. A check that cannot tell says so.

export { type CanaryEviction, type CanaryTarget, evictionCommand } from "./canary/command.ts";
export type { CheckResult } from "./check.ts";
export { DOCTOR_CHECKS } from "./checks.ts";
export { DoctorError, examine } from "./doctor.ts";
export { judgeFile, type LineVerdict, lineResult } from "./judge-file.ts";
