// Why descriptors run out.
//
// In:  two scans some seconds apart, with what connections have shown by then (proof) and the kernel's counters at
//      both; the limits of the owners; history as a value.
// Out: causes with confidence, evidence and advice, the surest first; a summary in a sentence.
// Promises: gathering and judging are apart, and judging is pure. Nothing is changed. A source is never blamed for what
//      the program, the machine or a dead network does.

export { type Diagnosis, diagnose } from "./diagnose.ts";
export { COMMAND_MARK, type RankedCause } from "./finding.ts";
export { gatherIn } from "./gather-in.ts";
