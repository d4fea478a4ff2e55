// Why descriptors run out.
//
// In:  two scans some seconds apart and what connections have shown meanwhile (proof), the kernel's counters at both, what
//      the owners' limits are; history as a value.
// Out: causes with their confidence, the surest first, with evidence and advice; a summary in a sentence.
// Promises: judging is pure and apart from gathering; nothing is changed. A source is never blamed for what the program,
//      the machine or a dead network does.

export { type Diagnosis, diagnose } from "./diagnose.ts";
export { COMMAND_MARK, type RankedCause } from "./finding.ts";
export { gatherIn } from "./gather-in.ts";
