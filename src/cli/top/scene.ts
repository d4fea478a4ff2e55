// The data that the live view draws, gathered at its edge.

import type { CensusGrowth } from "../../census/index.ts";

/** Everything to show, apart from the viewer's choices. */
export interface LiveScene {
  readonly growth: CensusGrowth;
  /** The last scan failed with this message, and `growth` is older. */
  readonly failure: string | null;
  /** Notes on facts that the census could not see. */
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
