// `top` without a terminal: one scan after another, as text or JSON, until a signal or the count ends it.

import { type Census, ScanError, type Scanner } from "../../census/index.ts";
import { holdingCount } from "../../model/index.ts";
import { onEndSignals } from "../end-signals.ts";
import { paintStdout, printJson, printNote } from "../output.ts";
import { scanDocument } from "../scan-verbs/document.ts";
import { scanNotes } from "../scan-verbs/notes.ts";
import { TOP_SOURCES } from "../scan-verbs/options.ts";
import { scanText } from "../scan-verbs/text.ts";
import { Nap } from "./nap.ts";
import type { TopSettings } from "./settings.ts";

/** Throws ScanError where the first scan fails; later failures are told, and it scans again. */
export async function streamScans(scanner: Scanner, settings: TopSettings, json: boolean): Promise<void> {
  const startMs = performance.now();
  const printScan = json ? jsonPrinter(settings) : textPrinter(settings);
  const summary = { scans: 0, failedScans: 0, peakConnections: 0 };
  const nap = new Nap();
  let ended = false;
  using _ = onEndSignals(() => {
    ended = true;
    nap.wake();
  });
  for (let n = 1; !ended; n++) {
    const dueMs = performance.now() + settings.intervalMs;
    try {
      const census = await scanner.scan(settings.scan, Date.now());
      summary.scans++;
      summary.peakConnections = Math.max(summary.peakConnections, connectionsOf(census));
      printScan(census);
    } catch (error) {
      if (!(error instanceof ScanError) || summary.scans === 0) throw error;
      summary.failedScans++;
      printNote(`sockwarden: the scan failed: ${error.message}`);
    }
    if (n === settings.count) break;
    if (!ended) await nap.sleep(dueMs - performance.now());
  }
  if (json) {
    printJson({ type: "summary", ...summary, durationMs: Math.round(performance.now() - startMs) });
  }
}

type PrintScan = (census: Census) => void;

function jsonPrinter({ top }: TopSettings): PrintScan {
  return (census) => printJson({ type: "scan", ...scanDocument(census, top) });
}

function textPrinter({ scan, top, limitProblems }: TopSettings): PrintScan {
  let first = true;
  let notes = "";
  return (census) => {
    const document = scanDocument(census, null);
    process.stdout.write(`${first ? "" : "\n"}${scanText(document, top ?? TOP_SOURCES, paintStdout)}\n`);
    first = false;
    // Unchanged notes are said once.
    const now = [...scanNotes(census, scan.ports), ...limitProblems()].join("\n");
    if (now !== notes && now !== "") printNote(now);
    notes = now;
  };
}

function connectionsOf({ listeners }: Census): number {
  return listeners.reduce((sum, { conduct }) => sum + holdingCount(conduct), 0);
}
