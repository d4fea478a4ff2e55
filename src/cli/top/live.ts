// The live view: scans at intervals, draws after each scan and each key. The edge between the terminal, the scanner and
// the clock on one side and pure layout on the other.

import { hostname } from "node:os";
import { type Census, type CensusGrowth, followGrowth, ScanError, type Scanner } from "../../census/index.ts";
import { onEndSignals } from "../end-signals.ts";
import { ExitCode } from "../exit-code.ts";
import { paintStdout } from "../output.ts";
import { scanNotes } from "../scan-verbs/notes.ts";
import type { Key } from "../terminal/keys.ts";
import { isUtf8Locale } from "../terminal/line.ts";
import { Terminal, type TerminalStreams } from "../terminal/terminal.ts";
import { singleWidth } from "../text/foreign.ts";
import { layout } from "./layout.ts";
import { Nap } from "./nap.ts";
import type { LiveScene } from "./scene.ts";
import type { TopSettings } from "./settings.ts";
import { type Extent, initialView, press, type ViewRequest, type ViewState } from "./view-state.ts";

/** Runs until the viewer quits, a signal comes, or the count is reached. Throws ScanError if the first scan fails. */
export async function runLive(
  scanner: Scanner,
  settings: TopSettings,
  streams: TerminalStreams,
): Promise<void> {
  const view = new LiveView(scanner, settings);
  // The terminal is not taken over yet: a scan that fails says so in plain text.
  await view.scan();
  await view.run(streams);
}

class LiveView {
  readonly #scanner: Scanner;
  readonly #settings: TopSettings;
  readonly #nap = new Nap();
  readonly #unicode = isUtf8Locale(process.env);
  readonly #host = singleWidth(hostname(), false);
  #ended = false;
  #stopWaiting: (() => void) | null = null;
  #scans = 0;
  #scannedAtMs = Number.NEGATIVE_INFINITY;
  #state: ViewState;
  #scene: LiveScene | null = null;
  #extent: Extent = { page: 0, total: 0 };
  #terminal: Terminal | null = null;
  #drawing: NodeJS.Immediate | undefined;

  constructor(scanner: Scanner, settings: TopSettings) {
    this.#scanner = scanner;
    this.#settings = settings;
    this.#state = initialView(settings.intervalMs);
  }

  async run(streams: TerminalStreams): Promise<void> {
    using _ = onEndSignals(() => this.#quit());
    using terminal = new Terminal(streams, {
      key: (key) => this.#press(key),
      draw: () => this.#drawAnew(),
      gone: () => process.exit(ExitCode.DONE),
    });
    this.#terminal = terminal;
    this.#draw();
    while (!this.#ended && this.#scans !== this.#settings.count) {
      await this.#untilDue();
      if (!this.#ended) await this.#scanUnlessEnded();
      this.#draw();
    }
    clearImmediate(this.#drawing);
    this.#terminal = null;
  }

  /** Quitting does not wait for a scan. A race against one promise for all scans would grow with each of them. */
  #scanUnlessEnded(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#stopWaiting = resolve;
      this.scan().then(resolve, reject);
    });
  }

  /** One scan, whose failure is shown unless it is the first. */
  async scan(): Promise<void> {
    const startMs = performance.now();
    this.#scans++;
    this.#scannedAtMs = startMs;
    try {
      const census = await this.#scanner.scan(this.#settings.scan, Date.now());
      const endMs = performance.now();
      this.#show(followGrowth(this.#scene?.growth ?? null, census, endMs), endMs - startMs);
    } catch (error) {
      if (!(error instanceof ScanError) || this.#scene === null) throw error;
      this.#scene = { ...this.#scene, failure: error.message };
    }
  }

  #show(growth: CensusGrowth, tookMs: number): void {
    const { census } = growth;
    this.#scene = {
      growth,
      failure: null,
      notes: [...scanNotes(census, this.#settings.scan.ports), ...this.#settings.limitProblems()],
      lateMs: tookMs > this.#state.intervalMs ? tookMs : null,
      host: this.#host,
      clock: clockText(census),
      unicode: this.#unicode,
    };
  }

  /** Waits from the beginning of the last scan, so that scans keep their pace. A late scan is followed at once. */
  async #untilDue(): Promise<void> {
    for (;;) {
      const { paused, intervalMs } = this.#state;
      const restMs = paused ? Number.POSITIVE_INFINITY : this.#scannedAtMs + intervalMs - performance.now();
      if (this.#ended || restMs <= 0) return;
      await this.#nap.sleep(restMs);
    }
  }

  #press(key: Key): void {
    const { state, request } = press(this.#state, key, this.#extent);
    const paceChanged = state.paused !== this.#state.paused || state.intervalMs !== this.#state.intervalMs;
    this.#state = state;
    if (request !== null) this.#do(request);
    if (paceChanged) this.#nap.wake();
    // Keys that come together are drawn together.
    clearImmediate(this.#drawing);
    this.#drawing = setImmediate(() => this.#draw());
  }

  #do(request: ViewRequest): void {
    switch (request) {
      case "quit":
        this.#quit();
        break;
      case "suspend":
        this.#terminal?.suspend();
        break;
      case "repaint":
        this.#terminal?.forget();
        break;
    }
  }

  #quit(): void {
    this.#ended = true;
    this.#stopWaiting?.();
    this.#nap.wake();
  }

  #drawAnew(): void {
    this.#terminal?.forget();
    this.#draw();
  }

  #draw(): void {
    if (this.#terminal === null || this.#scene === null || this.#ended) return;
    const { lines, extent } = layout(this.#state, this.#scene, this.#terminal.size);
    this.#extent = extent;
    this.#terminal.draw(lines, paintStdout);
  }
}

function clockText({ takenAt }: Census): string {
  return new Date(takenAt).toTimeString().slice(0, 8);
}
