// Takes in the guards' news: metrics, latest numbers, events for log and stream, health, and the ledger.

import type { News } from "../guard/index.ts";
import { formatNetwork } from "../model/index.ts";
import { banDocument } from "./documents.ts";
import { banText, type EventHub, evictionText, findingText } from "./events.ts";
import type { HealthBook } from "./health.ts";
import type { LastSeen } from "./last-seen.ts";
import type { LedgerDesk } from "./ledger-desk.ts";
import type { Metrics } from "./metrics.ts";

export interface NewsReaders {
  readonly metrics: Metrics;
  readonly seen: LastSeen;
  readonly events: EventHub;
  readonly health: HealthBook;
  readonly ledger: LedgerDesk;
}

/** `netns` is the guard's network namespace; null for the daemon's own. */
export function takeNews(readers: NewsReaders, news: News, netns: string | null): void {
  const { metrics, seen, events, health } = readers;
  metrics.update(news, netns);
  const changes = seen.update(news, netns);
  metrics.updateBans(seen.totals());
  for (const { listener, before, after, used, slots } of changes)
    events.tell(
      "pressure",
      `${listener}: ${before} -> ${after}, ${used} of ${slots ?? "unknown"} slots are taken`,
    );
  tellJudgement(events, news);
  for (const report of news.health) health.report({ ...report, code: `guard-${report.code}` });
  record(readers.ledger, news);
}

function tellJudgement(events: EventHub, { findings, bans, evictions, observes }: News): void {
  for (const finding of findings) events.tell("finding", findingText(finding), { finding });
  for (const ban of bans)
    events.tell("ban", banText(ban, observes), { ban: banDocument(ban, { evicted: 0, packets: null }) });
  for (const evicted of evictions)
    events.tell("evict", evictionText({ ...evicted, source: formatNetwork(evicted.source) }, observes));
}

function record(ledger: LedgerDesk, { bans, evictions, findings, observes }: News): void {
  ledger.addFindings(findings);
  if (observes) return;
  for (const [rule, ruled] of Map.groupBy(bans, (ban) => ban.rule)) ledger.addBans(ruled, rule);
  ledger.addEvictions(evictions);
}
