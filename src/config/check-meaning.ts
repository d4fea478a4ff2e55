// Finds contradictions between values that are each right alone. Values of a wrong form have their problem already and
// are left out. The rest is checked all the same, so that one run shows everything.

import { formatDuration, formatNetwork, type ListenerPolicy } from "../model/index.ts";
import { buildPolicy } from "./build.ts";
import { valuesAt } from "./check-form.ts";
import { checkListener } from "./check-listener.ts";
import { overlap } from "./overlap.ts";
import type { KeyPath, ProblemList } from "./problem.ts";
import type { BanSettings } from "./schema-general.ts";
import type { ListenerSettings } from "./schema-listeners.ts";
import type { AllowSettings, MonitorSettings } from "./schema-service.ts";
import { settleListener } from "./settle.ts";
import { formatPlace, type MappingNode, nodeAt, placeAt } from "./tree.ts";

/** At most this many items of a list are compared with each other. */
const ITEMS_MAX = 10_000;

export function checkMeaning(tree: MappingNode, problems: ProblemList): void {
  checkBan(tree, problems);
  const names = checkListeners(tree, problems);
  checkAllow(tree, problems);
  checkMonitors(tree, names, problems);
}

function checkBan(tree: MappingNode, problems: ProblemList): void {
  const ban = valuesAt<BanSettings>(tree, ["ban"]);
  if (ban === null || ban.firstMs <= ban.maxMs) return;
  const given = nodeAt(tree, ["ban", "first"]) === null ? "max" : "first";
  const path = ["ban", given];
  const message = `first (${formatDuration(ban.firstMs)}) is longer than max (${formatDuration(ban.maxMs)})`;
  problems.add(placeAt(tree, path), path, message, "first at most as long as max");
}

interface Item<T> {
  readonly path: KeyPath;
  readonly values: T;
}

/** The items of a list whose form is right. */
function itemsOf<T>(tree: MappingNode, key: string): Item<T>[] {
  const list = nodeAt(tree, [key]);
  if (list?.kind !== "list") return [];
  return list.items.slice(0, ITEMS_MAX).flatMap((_, i) => {
    const path = [key, i];
    const values = valuesAt<T>(tree, path);
    return values === null ? [] : [{ path, values }];
  });
}

/** Gives the names of all listeners, or null where some cannot be read. */
function checkListeners(tree: MappingNode, problems: ProblemList): string[] | null {
  const items = itemsOf<ListenerSettings>(tree, "listeners");
  const policies = items.map(({ path, values }) => {
    const policy = buildPolicy(settleListener(values));
    checkListener(values, policy, (below, message, accepted) => {
      const full = [...path, ...below];
      problems.add(placeAt(tree, full), full, message, accepted);
    });
    return { path, policy };
  });
  checkTwice<string>(tree, "listeners", "name", (name) => name, problems);
  for (const [i, second] of policies.entries()) checkOverlap(tree, policies.slice(0, i), second, problems);
  const list = nodeAt(tree, ["listeners"]);
  const whole = list === null || (list.kind === "list" && list.items.length === items.length);
  return whole ? items.map(({ values }) => values.name) : null;
}

interface Placed {
  readonly path: KeyPath;
  readonly policy: ListenerPolicy;
}

function checkOverlap(
  tree: MappingNode,
  earlier: readonly Placed[],
  second: Placed,
  problems: ProblemList,
): void {
  for (const first of earlier) {
    const common = overlap(first.policy.selector, second.policy.selector);
    if (common === null) continue;
    const place = formatPlace(placeAt(tree, first.path));
    const message = `matches the same sockets as ${first.policy.name} (${place}): ${common}`;
    const path = [...second.path, "ports"];
    const accepted = "one listener for each socket: other ports, process, address or netns";
    problems.add(placeAt(tree, path), second.path, message, accepted);
    return;
  }
}

function checkAllow(tree: MappingNode, problems: ProblemList): void {
  checkTwice<AllowSettings["source"]>(tree, "allow", "source", formatNetwork, problems);
}

function checkMonitors(tree: MappingNode, names: readonly string[] | null, problems: ProblemList): void {
  const items = itemsOf<MonitorSettings>(tree, "monitors");
  checkTwice<string>(tree, "monitors", "name", (name) => name, problems);
  for (const { path, values } of items) {
    const complain = (key: string, message: string, accepted: string): void =>
      problems.add(placeAt(tree, [...path, key]), [...path, key], message, accepted);
    const { everyMs, timeoutMs, listener } = values;
    if (timeoutMs > everyMs) {
      const message = `timeout (${formatDuration(timeoutMs)}) is longer than every (${formatDuration(everyMs)})`;
      complain("timeout", message, "timeout at most as long as every");
    }
    if (listener !== undefined && names !== null && !names.includes(listener)) {
      const known = names.length === 0 ? "there are none" : names.slice(0, 20).join(", ");
      complain("listener", `${listener} is the name of no listener`, `the name of a listener: ${known}`);
    }
  }
}

/** In each list one value must differ in every item, even in items with other faults. */
function checkTwice<T>(
  tree: MappingNode,
  list: string,
  key: string,
  textOf: (value: T) => string,
  problems: ProblemList,
): void {
  const seen = new Map<string, KeyPath>();
  const node = nodeAt(tree, [list]);
  const length = node?.kind === "list" ? Math.min(node.items.length, ITEMS_MAX) : 0;
  for (let i = 0; i < length; i++) {
    const path = [list, i, key];
    const value = valuesAt<T>(tree, path);
    if (value === null) continue;
    const text = textOf(value);
    const first = seen.get(text);
    if (first === undefined) seen.set(text, path);
    else {
      const message = `${text} is there twice; first in ${formatPlace(placeAt(tree, first))}`;
      problems.add(placeAt(tree, path), path, message, `another ${key} for each`);
    }
  }
}
