// What the live view draws from, gathered at its edge.

import type { CensusGrowth } from "../../census/index.ts";

/** What there is to show, apart from what the viewer has chosen. */
export interface LiveScene {
  readonly growth: CensusGrowth;
  /** The last scan failed with this message, and `growth` is older. */
  readonly failure: string | null;
  /** What the census could not see. */
  readonly notes: readonly string[];
  /** How long the last scan took, where that is longer than the interval. */
  readonly lateMs: number | null;
  readonly host: string;
  /** The time of the scan, as people here read it. */
  readonly clock: string;
  /** Whether the terminal shows more than ASCII. */
  readonly unicode: boolean;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}
