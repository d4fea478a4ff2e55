// Whether this machine is set up to hold its connections.
//
// In:  one reading of the machine: live settings, files, sockets, counters, the servers that listen.
// Out: a verdict a check, with what was read, advice, and the lines that mend it; the lines of a file, judged.
// Promises: a check is data and pure; reading changes nothing; what cannot be told is said to be so.

export { type CanaryEviction, type CanaryTarget, evictionCommand } from "./canary/command.ts";
export type { CheckResult } from "./check.ts";
export { DOCTOR_CHECKS } from "./checks.ts";
export { DoctorError, examine } from "./doctor.ts";
export { judgeFile, type LineVerdict, lineResult } from "./judge-file.ts";
