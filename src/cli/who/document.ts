// The document of `who`, as the contract has it: that of the scan, and the groups that were asked for.

import type { Census } from "../../census/index.ts";
import { type ScanDocument, scanDocument } from "../scan-verbs/document.ts";
import { type Grouping, groupsBy, type WhoGroup } from "./groups.ts";

export interface WhoDocument extends ScanDocument {
  readonly groups?: readonly WhoGroup[];
}

export interface WhoShape {
  readonly by: Grouping | null;
  /** How many sources, or null for all. */
  readonly top: number | null;
}

export function whoDocument(census: Census, { by, top }: WhoShape): WhoDocument {
  const document = scanDocument(census, top);
  return by === null ? document : { ...document, groups: groupsBy(by, census, document.sources) };
}
