// What to write where a value is at fault: the setting itself, and those that would make even its advised value harmful.
// Pure.

import { advisedValue } from "./advised.ts";
import { KEEPALIVE_KEYS } from "./tcp-clocks.ts";
import { isRefused, type ValueContext } from "./value-judgement.ts";
import { judgeValue } from "./value-judges.ts";

/** A setting to write; null stands for the kernel's default. */
export interface Remedy {
  readonly key: string;
  readonly value: string | null;
}

/** The settings that decide over a value together with it. */
const DECIDED_WITH: Readonly<Record<string, readonly string[]>> = {
  "net.ipv4.tcp_retries2": ["net.ipv4.tcp_rto_max_ms"],
  "net.netfilter.nf_conntrack_tcp_timeout_established": KEEPALIVE_KEYS,
};

/** In the order of writing. `value` is the value at fault, which itself is not advised again. */
export function remediesOf(key: string, value: string, context: ValueContext): Remedy[] {
  const advised = advisedValue(key, context.profile);
  const others = Object.hasOwn(DECIDED_WITH, key) ? DECIDED_WITH[key]! : [];
  const judged = advised === null || others.length === 0 ? null : judgeValue(key, advised, context);
  if (judged === null || !isRefused(judged)) return [{ key, value: advised }];
  const remedies = others.map((other) => ({ key: other, value: advisedValue(other, context.profile) }));
  return advised === value ? remedies : [...remedies, { key, value: advised }];
}
