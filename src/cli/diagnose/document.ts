// The document of `diagnose`, as the contract has it: from a diagnosis to plain JSON.

import type { Headroom } from "../../census/index.ts";
import type { Diagnosis } from "../../diagnose/index.ts";
import type { Cause } from "../../model/index.ts";

export interface DiagnoseDocument {
  readonly verdict: Cause;
  readonly causes: readonly {
    readonly cause: Cause;
    readonly confidence: number;
    readonly evidence: string;
    readonly advice: string;
  }[];
  readonly headroom: Headroom;
}

export function diagnoseDocument({ verdict, findings, headroom }: Diagnosis): DiagnoseDocument {
  return {
    verdict,
    causes: findings.map(({ cause, confidence, evidence, advice }) => ({
      cause,
      confidence: hundredths(confidence),
      evidence: evidence.join(" "),
      advice: advice.join("\n"),
    })),
    headroom: {
      used: headroom.used,
      slots: headroom.slots,
      slotsFrom: headroom.slotsFrom,
      slotsWhere: headroom.slotsWhere,
      perSecond: hundredths(headroom.perSecond),
      secondsToFull: headroom.secondsToFull === null ? null : Math.round(headroom.secondsToFull),
    },
  };
}

function hundredths(value: number): number {
  return Math.round(100 * value) / 100;
}
