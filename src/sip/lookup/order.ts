// In which order records are tried.

import type { Transport } from "../target.ts";
import type { NaptrRecord, SrvRecord } from "./resolver.ts";

/** Services of NAPTR records (RFC 3263 section 4.1, RFC 7118 section 7) and what they mean. SCTP is not spoken here. */
const SERVICES: Readonly<Record<string, Transport>> = {
  "SIP+D2U": "udp",
  "SIP+D2T": "tcp",
  "SIPS+D2T": "tls",
  "SIP+D2W": "ws",
  "SIPS+D2W": "wss",
};

export interface NaptrChoice {
  readonly transport: Transport;
  readonly srvName: string;
}

/** The NAPTR records that lead to a transport wanted, best first: order, then preference. Only flag `s` leads to SRV. */
export function orderNaptr(
  records: readonly NaptrRecord[],
  wanted: (transport: Transport) => boolean,
): readonly NaptrChoice[] {
  return records
    .toSorted((a, b) => a.order - b.order || a.preference - b.preference)
    .filter((record) => record.flags.toLowerCase() === "s")
    .flatMap((record) => {
      const transport = SERVICES[record.service.toUpperCase()];
      if (transport === undefined || !wanted(transport)) return [];
      return [{ transport, srvName: record.replacement }];
    });
}

/**
 * SRV records in the order to try them (RFC 2782): lowest priority first, drawn by weight within one priority. Weight 0
 * comes last but for a small chance. `random` gives 0 to 1, without 1.
 */
export function orderSrv(records: readonly SrvRecord[], random: () => number): readonly SrvRecord[] {
  const priorities = [...new Set(records.map((record) => record.priority))].sort((a, b) => a - b);
  return priorities.flatMap((priority) =>
    drawByWeight(
      records.filter((record) => record.priority === priority),
      random,
    ),
  );
}

function drawByWeight(records: readonly SrvRecord[], random: () => number): readonly SrvRecord[] {
  const left = records.toSorted((a, b) => a.weight - b.weight);
  const drawn: SrvRecord[] = [];
  while (left.length > 0) {
    const total = left.reduce((sum, record) => sum + record.weight, 0);
    let ticket = Math.floor(random() * (total + 1));
    // The first record whose running sum reaches the ticket. Records of weight 0 stand in front and win only with
    // ticket 0.
    const index = left.findIndex((record) => {
      ticket -= record.weight;
      return ticket <= 0;
    });
    drawn.push(...left.splice(Math.max(0, index), 1));
  }
  return drawn;
}
