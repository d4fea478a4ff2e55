// The kit that the ledger's tests share: a folder that is removed afterwards, bans by number, and a clock that the test
// sets.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Ban, BanKind, Finding, Network } from "../../model/index.ts";
import { parseNetwork } from "../../model/index.ts";
import { type Ledger, type LedgerOptions, openLedger } from "../ledger.ts";

export const NOW: number = Date.UTC(2026, 10, 22, 12);
export const MINUTE = 60_000;
export const DAY: number = 24 * 60 * MINUTE;

export interface Place extends Disposable {
  readonly folder: string;
  readonly file: string;
  readonly open: (changes?: Partial<LedgerOptions>) => Ledger;
}

export function tempPlace(): Place {
  const folder = mkdtempSync(path.join(tmpdir(), "sockwarden-ledger-test-"));
  return placeIn(path.join(folder, "state"), () => rmSync(folder, { recursive: true, force: true }));
}

export function placeIn(folder: string, remove: () => void): Place {
  const file = path.join(folder, "ledger.db");
  return {
    folder,
    file,
    open: (changes = {}) => openLedger({ path: file, retentionMs: 90 * DAY, nowMs: NOW, ...changes }),
    [Symbol.dispose]: remove,
  };
}

export function network(text: string): Network {
  const parsed = parseNetwork(text);
  if (parsed === null) throw new Error(`no network: ${text}`);
  return parsed;
}

/** A source of its own for every number. */
export function sourceOf(i: number): string {
  return `10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}`;
}

export function ban(i: number, changes: Partial<Ban> = {}): Ban {
  return {
    source: network(sourceOf(i)),
    listener: "sip",
    kind: "ban" as BanKind,
    since: NOW,
    until: NOW + 10 * MINUTE,
    reason: "684 silent connections",
    rule: "unproven-per-source",
    ...changes,
  };
}

export function finding(source: string | null, text = "holds 684 silent connections"): Finding {
  return {
    rule: "unproven-per-source",
    severity: "warning",
    listener: "sip",
    source,
    text,
    numbers: { held: 684, limit: 20 },
  };
}
